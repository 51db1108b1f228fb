/** Whose a wiki's database is, when its own user has written another comment on it and chosen another password. */
import { freshStore, type TestStore } from '@wikistead/test/stores'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nothing, type TestDatabases } from '../../test/test-databases.ts'
import { startWikiUsers, type WikiUsers } from '../../test/wiki-users.ts'
import { databaseStep } from '../phases/provision-database.ts'
import { databaseName } from '../names/slug.ts'
import { undoWikiDatabase } from '../database/wiki-database.ts'
import { takeAway } from './take-away.ts'

const started = new AsyncDisposableStack()
let users: WikiUsers
let databases: TestDatabases
let fresh: TestStore

beforeAll(async () => {
  users = started.use(await startWikiUsers())
  ;({ databases } = users)
  fresh = started.use(await freshStore('sqlite'))
})
afterAll(() => started.disposeAsync())

/** A wiki that `maker` made as far as its ledger says; it has the slug. */
async function wikiOf(maker: string, slug: string, state: 'reached' | 'made' | 'sealed'): Promise<number> {
  const { wiki_id: wikiId } = await fresh.store.wikis.insert({
    ...{ engine: 'mediawiki', address: slug, name: slug, status: 'active', visibility: 'public' },
    ...{ taskId: null, customDomain: false, ownerId: 1, ownerSubject: '', ownerName: '' },
  })
  await fresh.store.transaction(async ({ tasks, ledger }) => {
    await tasks.insert({
      ...{ taskId: maker, kind: 'create_wiki', engine: 'mediawiki', wikiId, userId: 1 },
      ...{ workflowType: 'W', input: {}, message: 'Making it.' },
    })
    await ledger.reach(maker, databaseStep, wikiId)
    await ledger.settle(maker, databaseStep, state)
  })
  return wikiId
}

/** Its database, in the hands of its own user. */
async function tamperedWith(task: string) {
  const { wiki, user } = await users.make({ task })
  const own = await users.connect(user)
  await own.query("SET PASSWORD = PASSWORD('mine-now')")
  await own.query(`ALTER DATABASE ${user} COMMENT 'wikistead task=another'`)
  return wiki
}

const take = (slug: string, maker: string) =>
  takeAway({ store: fresh.store, server: users.server } as Parameters<typeof takeAway>[0], 'database', {
    ...{ slug, maker, signal: new AbortController().signal },
  })

test.each(['made', 'sealed'] as const)('the store’s word counts: %s', async (state) => {
  const wiki = await tamperedWith(`maker-${state}`)
  await wikiOf(`maker-${state}`, wiki.slug, state)
  await take(wiki.slug, `maker-${state}`)
  expect(await databases.residueOf(wiki)).toEqual(nothing)
})

test('while the phase has not ended, the database’s own word counts', async () => {
  const wiki = await tamperedWith('maker-reached')
  await wikiOf('maker-reached', wiki.slug, 'reached')
  await take(wiki.slug, 'maker-reached')
  expect(await databases.residueOf(wiki)).toMatchObject({ databases: 1, users: 1 })
})

test('what another wiki of the same name has since is not touched by who made the one before', async () => {
  const slug = databases.newSlug()
  await fresh.store.wikis.release(await wikiOf('maker-before', slug, 'sealed'), 'deleted')
  await wikiOf('maker-now', slug, 'sealed')
  const { wiki } = await users.make({ slug, task: 'maker-now' })
  await take(slug, 'maker-before')
  await databases.expectWhole(wiki)
  await undoWikiDatabase(wiki)
  expect(await databases.query('SHOW DATABASES LIKE ?', [databaseName(slug)])).toEqual([])
})
