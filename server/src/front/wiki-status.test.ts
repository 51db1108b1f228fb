import type { WikiStatus } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'
import { wikiStatus } from './wiki-status.ts'

async function makeWiki(store: Store, address: string, status: WikiStatus, engine = 'mediawiki' as const) {
  return store.transaction(async ({ users, wikis }) => {
    const owner = await users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' })
    return wikis.insert({
      ...{ engine, address, name: address, status, visibility: 'public', customDomain: false, taskId: null },
      ...{ ownerId: owner.user_id, ownerSubject: 'ada', ownerName: 'Ada' },
    })
  })
}

describe.each(storeEngines)('on %s', (engine) => {
  test('a wiki is shown as far as it has come', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    expect(await wikiStatus(store, 'ada')).toEqual({ state: 'unknown' })
    const { wiki_id: id } = await makeWiki(store, 'ada', 'creating')
    const become = async (status: WikiStatus, purgeAfter: number | null = null) => {
      await store.transaction(({ wikis }) => wikis.change(id, { status, purge_after: purgeAfter }))
      return wikiStatus(store, 'ada')
    }
    expect(await become('creating')).toMatchObject({ state: 'creating' })
    expect(await become('active')).toEqual({ state: 'ready' })
    expect(await become('changing')).toEqual({ state: 'ready' })
    await store.transaction(({ wikis }) => wikis.change(id, { serving: 'archived' }))
    expect(await become('active')).toEqual({ state: 'archived' })
    expect(await become('deleting')).toEqual({ state: 'deleted', message: undefined })
    expect(await become('archived', Date.UTC(2030, 0, 2, 3, 4))).toEqual({
      ...{ state: 'deleted', message: 'Its owner can bring it back until 2030-01-02 03:04 UTC.' },
    })
    expect(await become('restoring')).toMatchObject({
      ...{ state: 'creating', message: 'It is being brought back, and opens here by itself.' },
    })
    const gone = { state: 'deleted', message: 'It is gone for good.' }
    expect(await become('purging', Date.UTC(2030, 0, 2))).toEqual(gone)
    expect(await wikiStatus(store, 'AdA')).toEqual({ state: 'unknown' })

    await store.transaction(({ wikis }) => wikis.release(id, 'deleted'))
    expect(await wikiStatus(store, 'ada')).toEqual(gone)
  })

  test('of all who had an address, the one that holds it counts, and then the last', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const lives = [
      ['failed', 'failed'],
      ['deleted', 'deleted'],
      ['failed', 'failed'],
    ] as const
    for (const [status, state] of lives) {
      const { wiki_id: id } = await makeWiki(store, 'ada', 'creating')
      expect(await wikiStatus(store, 'ada')).toMatchObject({ state: 'creating' })
      await store.transaction(({ wikis }) => wikis.release(id, status))
      expect(await wikiStatus(store, 'ada')).toMatchObject({ state })
    }
    // Others whose address only holds this one's.
    for (const address of ['ada2', 'canada', 'ada-b']) {
      const { wiki_id: id } = await makeWiki(store, address, 'creating')
      await store.transaction(({ wikis }) => wikis.release(id, 'failed'))
    }
    expect(await wikiStatus(store, 'ada')).toMatchObject({ state: 'failed' })
    expect(await wikiStatus(store, 'da')).toEqual({ state: 'unknown' })
  })

  test('one that is suspended says why, whatever else it is', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const { wiki_id: id, owner_id: by } = await makeWiki(store, 'ada', 'active')
    await store.transaction(async ({ wikis, suspensions }) =>
      suspensions.suspend(await wikis.lock(id), { reason: 'Spam.', by }),
    )
    for (const status of ['active', 'archived', 'deleting'] as const) {
      await store.wikis.change(id, { status })
      expect(await wikiStatus(store, 'ada')).toEqual({
        state: 'suspended',
        message: expect.stringContaining('Spam.') as string,
      })
    }
  })

  test('how far its task has come is shown with it', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const { wiki_id: id, owner_id: userId } = await makeWiki(store, 'ada', 'creating')
    await store.transaction(async ({ tasks, wikis }) => {
      await tasks.insert({
        ...{ taskId: 't1', kind: 'create_wiki', engine: 'mediawiki', wikiId: id, userId },
        ...{ workflowType: 'CreateMediaWikiWorkflow', input: {}, message: 'Waiting', supportUrl: null },
      })
      await wikis.take(id, 't1')
    })
    expect(await wikiStatus(store, 'ada')).toEqual({ state: 'creating', progress: 0 })
  })
})
