/** A user's own limit of MediaWiki wikis goes before the farm's, wherever a place is taken; on both engines. */
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitRestore } from './admission.ts'
import { admitCreateMediaWiki } from './admit-mediawiki.ts'
import { newTaskId } from '../temporal/task-id.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let userId: number
  beforeEach(async () => {
    fresh = await freshStore(engine)
    const { store } = fresh
    await store.hosts.beat('h1', null)
    const user = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
    userId = (await store.transaction(({ users }) => users.ensure(user))).user_id
  })
  afterEach(() => fresh[Symbol.asyncDispose]())

  const create = (slug: string, { isHub = false, wikiLimit = 1 } = {}) =>
    admitCreateMediaWiki(fresh.store, {
      ...{ taskId: newTaskId(), userId, supportUrl: '', slug, name: slug, language: 'en', isHub, wikiLimit },
      ...{ visibility: 'public', ownerName: 'Ada', ownerId: '', search: 'core' },
    })
  const limit = (wikiLimit: number | null) => fresh.store.users.change(userId, { wiki_limit: wikiLimit })

  test('a creation counts against the user’s own limit, which may be more or less than the farm’s', async () => {
    await create('one')
    await expect(create('two')).rejects.toMatchObject({ code: 'quota_reached', details: { limit: 1 } })
    await limit(2)
    await create('two')
    await expect(create('three')).rejects.toMatchObject({ code: 'quota_reached', details: { limit: 2 } })
    await limit(0)
    await expect(create('three', { wikiLimit: 100 })).rejects.toMatchObject({ details: { limit: 0 } })
    await limit(null)
    await create('three', { wikiLimit: 3 })
  })

  test('the limit of FedWiki sites is none of wikis, and the hub takes nobody’s place', async () => {
    await fresh.store.users.change(userId, { site_limit: 0 })
    await create('one')
    await create('hub', { isHub: true })
  })

  test('with one place left, of many creations at once one is let in', async () => {
    await limit(1)
    const settled = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => create(`w${String(n)}`)))
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('a wiki that is brought back needs a place as well', async () => {
    const { wiki, task } = await create('one')
    const wikiId = wiki?.wiki_id ?? 0
    await fresh.store.wikis.letGo(wikiId, task.task_id)
    await fresh.store.wikis.change(wikiId, { status: 'archived', purge_after: Date.now() + 60_000 })
    const restore = () =>
      admitRestore(fresh.store, { taskId: newTaskId(), userId, supportUrl: '', wikiId, siteLimit: 5 })
    await limit(0)
    await expect(restore()).rejects.toMatchObject({ code: 'quota_reached' })
    await limit(1)
    expect((await restore()).task.kind).toBe('restore_wiki')
  })
})
