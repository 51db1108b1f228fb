/** Whoever keeps house takes up what wikis are found by; here as if they had been made an hour ago. */
import { DatabaseSync } from 'node:sqlite'
import { startStack } from '@wikistead/test/stack'
import { expect, test } from 'vitest'

test('what was made before is taken up at once, what is made later with the next round', async () => {
  await using stack = await startStack({
    ...{ farmUrl: 'http://127.0.0.1:1', storeEngine: 'sqlite', run: ['worker'] },
    worker: { housekeeping: { sweepEveryMs: 200 } },
  })
  const { store, storePlace } = stack
  if (storePlace.engine !== 'sqlite') throw new Error('the stack was to be on SQLite')
  const database = new DatabaseSync(storePlace.filename, { timeout: 20_000 })
  for (const name of ['Meadow', 'Harbour']) {
    await store.wikis.insert({
      ...({ engine: 'fedwiki', address: `${name.toLowerCase()}.example.org`, name, taskId: null } as const),
      ...({ status: 'active', visibility: 'public', customDomain: false } as const),
      ...{ ownerId: 1, ownerSubject: '', ownerName: '' },
    })
    database.exec('update wikifarm_wikis set created_at = created_at - 3600000')
    const part = name.slice(1, 5)
    await expect.poll(async () => (await store.texts.candidates(part)).wikiIds?.length).toBe(1)
    expect(await store.wikis.list({ limit: 5, text: part })).toMatchObject([{ name }])
  }
  database.close()
})
