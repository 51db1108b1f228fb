/** Other passwords for wikis that are in use, on a real MariaDB, cut off at every point and gone on with. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshStore, type TestStore } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingWiki } from '../../test/standing-wiki.ts'
import { openTestDatabases, type TestDatabases } from '../../test/test-databases.ts'
import { letBothIn, letOneIn, nextPasswordStep } from '../database/renew-password.ts'
import { undoWikiDatabase } from '../database/wiki-database.ts'
import { changePubwikiIni, newPassword } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import { renewPasswordsOfHost } from './renew-passwords-of-host.ts'

const started = new AsyncDisposableStack()
let databases: TestDatabases
let store: TestStore['store']
let wikis: string

beforeAll(async () => {
  databases = started.use(await openTestDatabases())
  const fresh = started.use(await freshStore('sqlite'))
  store = fresh.store
  wikis = await mkdtemp(join(tmpdir(), 'wikistead-passwords-'))
  started.defer(() => rm(wikis, { recursive: true }))
})
afterAll(() => started.disposeAsync())

const signal = new AbortController().signal

/** Of the past, on a host of its own. */
async function wiki(taskId: string | null = null) {
  const standing = await standingWiki({ databases, store, wikis }, { taskId })
  const renew = (graceMs = 0, before = store.now() + 1) =>
    renewPasswordsOfHost(
      {
        ...{ store, server: databases.server, log: { warn: () => undefined, error: () => undefined } },
        folders: { wikis, oauth: '', template: '' },
      },
      standing.slug,
      { before, graceMs },
      signal,
    )
  return { ...standing, renew }
}

test('both are let in at first, then the new one alone; what sessions follow from stays', async () => {
  const { slug, old, made, said, isLetIn, renew } = await wiki()
  const before = store.now() + 1
  expect(await renew(3_600_000, before)).toEqual({ done: 0, waiting: 1, left: 0 })
  const { used, secret } = await said()
  expect(used).not.toBe(old)
  expect(secret).toBe(old)
  expect([await isLetIn(old), await isLetIn(used)]).toEqual([true, true])
  expect(await renew(3_600_000, before)).toEqual({ done: 0, waiting: 1, left: 0 })
  expect((await said()).used).toBe(used)

  expect(await renew(0, before)).toEqual({ done: 1, waiting: 0, left: 0 })
  expect([await isLetIn(old), await isLetIn(used)]).toEqual([false, true])
  expect(await said()).toEqual({ used, next: undefined, secret: old })
  // Another wish, another password; what sessions follow from is still the first.
  await renew(0, store.now() + 1)
  expect(await said()).toMatchObject({ secret: old, next: undefined })
  expect((await said()).used).not.toBe(used)
  // Ours as before: nothing of it is left.
  await undoWikiDatabase(made)
  expect(await databases.residueOf({ slug })).toMatchObject({ databases: 0, users: 0 })
})

describe('cut off', () => {
  const cuts: readonly (readonly [
    when: string,
    cut: (of: Awaited<ReturnType<typeof wiki>>) => Promise<void>,
  ])[] = [
    [
      'with the next one chosen',
      ({ folder }) => changePubwikiIni(folder, { WIKI_DB_NEXT_PASSWORD: newPassword() }),
    ],
    [
      'with both let in',
      async ({ folder, slug, old }) => {
        const next = newPassword()
        await changePubwikiIni(folder, { WIKI_DB_NEXT_PASSWORD: next })
        await letBothIn(databases.server, databaseName(slug), { old, next })
      },
    ],
    [
      'with the old one gone',
      async ({ slug, said, renew }) => {
        await renew(3_600_000)
        await letOneIn(databases.server, databaseName(slug), (await said()).used)
      },
    ],
  ]
  test.each(cuts)('%s, it is gone on with, and somebody is let in throughout', async (_, cut) => {
    const made = await wiki()
    const before = store.now() + 1
    await cut(made)
    expect(await made.isLetIn((await made.said()).used)).toBe(true)
    expect(await made.renew(0, before)).toMatchObject({ left: 0 })
    const { used, next } = await made.said()
    expect(next).toBeUndefined()
    expect([await made.isLetIn(used), await made.isLetIn(made.old)]).toEqual([true, false])
  })
})

test('a wiki that a task is at work on is left until it is done, one that is newer than the wish for good', async () => {
  const held = await wiki('at-work')
  expect(await held.renew()).toEqual({ done: 0, waiting: 0, left: 1 })
  expect(await held.said()).toMatchObject({ used: held.old, next: undefined })
  const later = await wiki()
  expect(await later.renew(0, store.now() - 60_000)).toEqual({ done: 1, waiting: 0, left: 0 })
  expect((await later.said()).used).toBe(later.old)
})

test('a user of that name whom the wiki’s password does not let in is left as it is', async () => {
  const made = await wiki()
  const user = databaseName(made.slug)
  await databases.query(`ALTER USER ${user} IDENTIFIED BY 'of-somebody-else'`)
  const before = await databases.snapshot([user])
  expect(await made.renew()).toEqual({ done: 0, waiting: 0, left: 1 })
  expect(await databases.snapshot([user])).toEqual(before)
  expect(await made.isLetIn('of-somebody-else')).toBe(true)
})

test('MariaDB away is told, and tried again', async () => {
  const made = await wiki()
  await databases.query(`RENAME USER ${databaseName(made.slug)} TO ${databaseName(made.slug)}_away`)
  expect(await made.renew()).toEqual({ done: 0, waiting: 0, left: 1 })
  await databases.query(`RENAME USER ${databaseName(made.slug)}_away TO ${databaseName(made.slug)}`)
  expect(await made.renew()).toMatchObject({ left: 0 })
  expect(await made.isLetIn((await made.said()).used)).toBe(true)
})

test.each([
  ['one from before the wish', { used: 'a' }, 'begin'],
  ['one that was begun', { used: 'a', next: 'b' }, 'use'],
  ['one that is new', { used: 'b', next: 'b', since: 1_990 }, 'wait'],
  ['one that is old enough', { used: 'b', next: 'b', since: 1_900 }, 'drop'],
  ['one that is over', { used: 'b', since: 1_900 }, 'done'],
  ['one from an earlier wish', { used: 'b', since: 900 }, 'begin'],
] as const)('%s', (_, state, step) => {
  const wanted = { before: 1_000, now: 2_000, madeAt: 500, graceMs: 100 }
  expect(nextPasswordStep({ next: undefined, since: undefined, ...state }, wanted)).toBe(step)
})
