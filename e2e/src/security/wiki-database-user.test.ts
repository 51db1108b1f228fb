/**
 * A wiki's database user against the whole: in each of the wiki's tables there is a trap that makes its owner MariaDB's
 * superuser when an administrator reads or writes there. Then everything is done to the wiki that can be done.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { oldRights, outcomeOf, prepareAttack } from '@wikistead/mediawiki/test/database-attack'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let host: WorkerProcess

beforeAll(async () => {
  world = started.use(await startMediaWikiWorld({ noHost: true, settings: { 'log-level': 'warn' } }))
  await startHost()
})
afterAll(() => started.disposeAsync())

const hostLog = (): string => join(world.stack.folder, 'host.log')
const startHost = async (): Promise<void> => {
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here'], hostLog()))
}

/** A wiki that is made; its address in the API, and its database user's own connection. */
async function made(slug: string) {
  const task = await world.ended(await world.create(slug))
  expect(task, task.message).toMatchObject({ status: 'succeeded' })
  return { path: `/v1/wikis/${String(task.wiki_id)}`, user: slug.replaceAll('-', '_') }
}

async function connected(slug: string, user: string) {
  const ini = await readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
  const password = /^WIKI_DB_PASSWORD="?([^"\n]*)/m.exec(ini)?.[1] ?? ''
  const port = Number(/^WIKI_DB_HOST="?127\.0\.0\.1:(\d+)/m.exec(ini)?.[1])
  const own = await createConnection({ host: '127.0.0.1', port, user, password, database: user })
  own.on('error', () => undefined)
  return own
}

const giveOldRights = (user: string) =>
  world.sql(`GRANT ${oldRights} ON \`${user.replaceAll('_', '\\_')}\`.* TO ${user}`)

/** Nobody ran into the trap but the wiki's own user, which is nobody new. */
async function expectNothingGained(user: string, after: string): Promise<void> {
  await world.sql('FLUSH PRIVILEGES')
  const { seen, global } = await outcomeOf((statement) => world.sql(statement), user)
  expect(
    seen.filter((who) => who !== `${user}@%`),
    after,
  ).toEqual([])
  expect(global, after).toEqual([])
}

const ways = [
  ['with the rights of today', 'of-today', false],
  ['with the rights of an earlier release', 'of-before', true],
] as const

test.each(ways)('%s, whatever is done to a wiki catches no administrator', async (_, slug, isOld) => {
  const { path, user } = await made(slug)
  if (isOld) await giveOldRights(user)
  const own = await connected(slug, user)
  const went = await prepareAttack(own, user)
  expect(went.some((statement) => statement.includes('VIEW `updatelog`'))).toBe(isOld)

  const offer = await world.stack.call('POST', `${path}/first-sign-in`)
  expect(offer, JSON.stringify(offer.body)).toMatchObject({ status: 200 })
  // Its own user ran into it, so it was laid where the offer goes.
  const { seen } = await outcomeOf((statement) => world.sql(statement), user)
  expect(seen).toEqual(isOld ? [`${user}@%`] : [])
  await expectNothingGained(user, 'first sign-in')
  await world.ended(await world.ask('PATCH', path, { name: 'Another', visibility: 'private' }))
  await expectNothingGained(user, 'change')
  await world.ended(await world.ask('DELETE', path))
  await expectNothingGained(user, 'delete')
  await world.ended(await world.ask('POST', `${path}/restore`))
  await expectNothingGained(user, 'restore')
  // It also stays in the way: by a transaction, another comment and another password.
  await own.query('START TRANSACTION')
  await own.query('SELECT * FROM page').catch(() => undefined)
  const second = await connected(slug, user)
  await second.query(`ALTER DATABASE ${user} COMMENT 'wikistead task=another'`)
  await second.query("SET PASSWORD = PASSWORD('mine-now')")
  expect(await world.ended(await world.ask('DELETE', `${path}?now=1`))).toMatchObject({ status: 'succeeded' })
  await expectNothingGained(user, 'purge')
  expect((await world.residue()).filter((line) => line.includes(user) || line.includes(slug))).toEqual([])
})

test('a host that starts takes from its wikis what an earlier release gave them too much', async () => {
  const { path, user } = await made('older-wiki')
  await host.stop()
  await giveOldRights(user)
  const own = await connected('older-wiki', user)
  await prepareAttack(own, user)
  await startHost()
  await expect
    .poll(async () => JSON.stringify(await world.sql(`SHOW GRANTS FOR ${user}`)))
    .not.toContain('ALL PRIVILEGES')
  expect(JSON.stringify(await world.sql(`SHOW GRANTS FOR ${user}`))).not.toMatch(
    /VIEW|ROUTINE|EXECUTE|TRIGGER|EVENT|LOCK TABLES|REFERENCES/,
  )
  await expectNothingGained(user, 'narrowing')
  // Whoever runs the farm hears what was left there.
  await expect.poll(() => readFile(hostLog(), 'utf8')).toMatch(/"slug":"older-wiki".*view updatelog/)
  expect(await world.ended(await world.ask('DELETE', `${path}?now=1`))).toMatchObject({ status: 'succeeded' })
  await expectNothingGained(user, 'purge')
})
