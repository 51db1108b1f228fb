/** The extension in a MediaWiki that nobody prepared: installed, updated, taken out, on either side of Wikistead's store. */
import { rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { extensionBundle } from '@wikistead/extension'
import { startTestFarm, type TestFarm, type TestWiki } from '@wikistead/mediawiki-template/test/test-farm'
import { openStore, pendingMigrations } from '@wikistead/store'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

const started = new AsyncDisposableStack()
let farm: TestFarm
let extension: string
beforeAll(async () => {
  farm = started.use(await startTestFarm())
  extension = await extensionBundle(
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
  )
})
afterAll(() => started.disposeAsync())

const storeOf = ({ database }: TestWiki) =>
  ({ engine: 'mariadb', socketPath: inject('mariadb').socketPath, user: 'root', database }) as const

const load = (wiki: TestWiki) =>
  writeFile(
    join(wiki.folder, 'FarmSettings.php'),
    `<?php\nwfLoadExtension( 'WikiFarm', '${extension}/extension.json' );\n`,
  )
const update = (wiki: TestWiki) => wiki.maintenance('update', '--quick')

async function tablesOf(wiki: TestWiki): Promise<Record<string, string>> {
  const shown: Record<string, string> = {}
  for (const row of await wiki.query("SHOW TABLES LIKE 'wikifarm\\_%'")) {
    const name = String(Object.values(row)[0])
    const [table] = await wiki.query(`SHOW CREATE TABLE ${name}`)
    shown[name] = String(table?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '')
  }
  return shown
}

test('whichever comes first, the other finds the same tables and its work done', async () => {
  const [first, second] = [await farm.makeWiki('first'), await farm.makeWiki('second')]
  // The extension first: with the installation itself.
  await load(first)
  await first.install()
  const made = await tablesOf(first)
  expect(Object.keys(made)).toEqual(
    expect.arrayContaining(['wikifarm_migrations', 'wikifarm_tasks', 'wikifarm_wikis']),
  )
  expect(await pendingMigrations(storeOf(first))).toEqual([])
  {
    await using store = await openStore(storeOf(first))
    const user = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
    await store.transaction(({ users }) => users.ensure(user))
  }
  expect(await tablesOf(first)).toEqual(made)
  // Wikistead first.
  await second.install()
  await (await openStore(storeOf(second)))[Symbol.asyncDispose]()
  await load(second)
  expect((await update(second)).stdout).toContain("WikiFarm's tables are up to date")
  expect(await tablesOf(second)).toEqual(made)

  // Once more, with what is in them, and from half of it.
  expect((await update(first)).stdout).toContain("WikiFarm's tables are up to date")
  expect(await first.query('SELECT name FROM wikifarm_users')).toEqual([{ name: 'Ada' }])
  await second.query("DELETE FROM wikifarm_migrations WHERE name <> '0001_spine'")
  await second.query('DROP TABLE wikifarm_audit')
  expect((await update(second)).stdout).toContain("Made WikiFarm's tables: 0003_sign_in")
  expect(await tablesOf(second)).toEqual(made)

  // Taken out, it leaves MediaWiki as it was and Wikistead its tables.
  await rm(join(first.folder, 'FarmSettings.php'))
  expect((await update(first)).stdout).not.toContain('WikiFarm')
  expect(await tablesOf(first)).toEqual(made)
  await (await openStore(storeOf(first)))[Symbol.asyncDispose]()
})
