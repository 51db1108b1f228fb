import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { admitSync } from './admit-sync.ts'

test.each(storeEngines)(
  'on %s one sync is let in once, whoever asks and however many at once',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open(), await fresh.open()]
    const user = { name: 'Ada', role: 'admin', issuer: 'test', subject: 'ada' } as const
    const { user_id: defaultUserId } = await fresh.store.transaction((scope) => scope.users.ensure(user))
    const tasks = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        admitSync(stores[n % 3] ?? fresh.store, { taskId: 'the-sync', defaultUserId }),
      ),
    )
    expect(tasks.map(({ task_id: taskId }) => taskId)).toEqual(Array(12).fill('the-sync'))
    await expect(admitSync(fresh.store, { taskId: 'another', defaultUserId })).rejects.toMatchObject({
      code: 'sync_running',
    })
  },
)
