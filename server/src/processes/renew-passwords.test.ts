/** `wikistead rotate wiki-database-passwords` with two hosts, one of which comes later; on a real MariaDB. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standingWiki } from '@wikistead/mediawiki/test/standing-wiki'
import { openTestDatabases } from '@wikistead/mediawiki/test/test-databases'
import { freshStore } from '@wikistead/test/stores'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followPasswords, wantOtherPasswords, type HostProgress } from '../rotation/wiki-passwords.ts'
import { renewPasswords } from './renew-passwords.ts'

const started = new AsyncDisposableStack()
let databases: Awaited<ReturnType<typeof openTestDatabases>>
let folder: string

beforeAll(async () => {
  databases = started.use(await openTestDatabases())
  folder = await mkdtemp(join(tmpdir(), 'wikistead-passwords-'))
  started.defer(() => rm(folder, { recursive: true }))
})
afterAll(() => started.disposeAsync())

const log = { warn: () => undefined, error: () => undefined }
const quickly = { lookEveryMs: 20, againAfterMs: 20, graceMs: 0 }

test('each host sees to its own, and who waits is told how far each is', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  const wikis = join(folder, 'wikis')
  await mkdir(wikis)
  const [here, there] = [
    await standingWiki({ databases, store, wikis }, { host: 'here' }),
    await standingWiki({ databases, store, wikis }, { host: 'there' }),
  ]
  for (const host of ['here', 'there']) await store.hosts.beat(host, null, 1)
  const deps = { store, server: databases.server, log, folders: { wikis, oauth: '', template: '' } }
  await using _here = renewPasswords(deps, 'here', quickly)

  const before = await wantOtherPasswords(store)
  const told: (readonly HostProgress[])[] = []
  const following = followPasswords(store, before, (progress) => told.push(progress))
  await expect
    .poll(() => told.at(-1))
    .toMatchObject([
      { host: 'here', wikis: 1, state: { done: 1, waiting: 0, left: 0 } },
      { host: 'there', wikis: 1, state: undefined },
    ])
  expect((await there.said()).used).toBe(there.old)
  await using _there = renewPasswords(deps, 'there', quickly)
  await following
  for (const wiki of [here, there]) {
    const { used, next, secret } = await wiki.said()
    expect([await wiki.isLetIn(used), await wiki.isLetIn(wiki.old)]).toEqual([true, false])
    expect({ next, secret }).toEqual({ next: undefined, secret: wiki.old })
  }
  const actions = (await store.audit.list({ limit: 10 })).map(({ action, subject }) => [action, subject])
  const subject = 'setting/wiki-database-passwords'
  expect(actions).toEqual([
    ['rotate ended', subject],
    ['rotate begun', subject],
  ])
})
