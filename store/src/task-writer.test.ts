import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'

test.each(storeEngines)(
  'on %s a rollback that is done at last is told in the log, and once',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const settle = () =>
      store.transaction((scope) =>
        scope.tasks.settleRollback('t', {
          ...{ type: 'status', status: 'failed', code: 'fault', message: 'It was undone.' },
        }),
      )
    await store.transaction(async (scope) => {
      await scope.tasks.insert({
        ...{ taskId: 't', kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'Deleting.' },
      })
      const event = { type: 'status', status: 'failed', code: 'rollback_incomplete' } as const
      await scope.tasks.append({ taskId: 't', run: 1, event })
    })
    await settle()
    await settle()
    expect(await store.tasks.get('t')).toMatchObject({
      ...{ status: 'failed', code: 'fault', message: 'It was undone.', last_seq: 3 },
    })
    const [, , last] = await store.tasks.eventsAfter('t', 0)
    expect(JSON.parse(last?.json ?? '')).toMatchObject({
      type: 'status',
      code: 'fault',
      message: 'It was undone.',
    })
  },
)
