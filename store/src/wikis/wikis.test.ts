import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'

test.each(storeEngines)('on %s an idle wiki is let go only as it was read', async (engine) => {
  await using fresh = await freshStore(engine)
  const { wikis } = fresh.store
  const read = await wikis.insert({
    ...{ engine: 'fedwiki', address: 'a.example.org', name: 'a', status: 'active', visibility: 'public' },
    ...{ customDomain: false, ownerId: 1, ownerSubject: 'ada', ownerName: 'Ada', taskId: null },
  })
  await wikis.take(read.wiki_id, 'a-task')
  expect(await wikis.releaseIdle(read, 'removed')).toBe(false)
  await wikis.letGo(read.wiki_id, 'a-task')
  expect(await wikis.releaseIdle({ ...read, updated_at: read.updated_at - 1 }, 'removed')).toBe(false)
  expect(await wikis.get(read.wiki_id)).toEqual(read)
  expect(await wikis.releaseIdle(read, 'removed')).toBe(true)
  expect(await wikis.get(read.wiki_id)).toMatchObject({ claim: null, status: 'removed' })
})
