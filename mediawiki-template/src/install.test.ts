import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, schemaOf } from '../test/database-content.ts'
import { env, run, startTestFarm, type TestFarm, type TestWiki } from '../test/test-farm.ts'

describe('installPreConfigured of the template for MediaWiki 1.43', () => {
  let farm: TestFarm
  beforeAll(async () => {
    farm = await startTestFarm()
  })
  afterAll(() => farm[Symbol.asyncDispose]())

  test('makes the tables and rows that the stock installer makes, but for its sysop', async () => {
    const ours = await farm.makeWiki('ours')
    await ours.install()
    const stock = await farm.makeWiki('stock')
    const throwaway = join(farm.folder, 'throwaway')
    await mkdir(throwaway)
    await run(
      'php',
      [
        ...[
          'maintenance/run.php',
          'install',
          '--dbserver',
          `127.0.0.1:${farm.port}`,
          '--dbname',
          stock.database,
        ],
        ...['--dbuser', stock.database, '--dbpass', stock.password, '--installdbuser', stock.database],
        ...['--installdbpass', stock.password, '--confpath', throwaway, '--scriptpath', ''],
        ...['--server', 'http://stock.wikis.example', '--pass', 'a long password', '--skins', 'Vector'],
        ...['The wiki stock', 'Founder'],
      ],
      { cwd: stock.folder, env: { ...env, MW_CONFIG_FILE: '/nonexistent' } },
    )
    expect(await schemaOf(ours)).toEqual(await schemaOf(stock))
    expect(await schemaOf(ours)).not.toEqual({})
    const [mine, theirs] = [await rowsOf(ours), await rowsOf(stock)]
    const differing = Object.keys(mine).filter((table) => mine[table] !== theirs[table])
    // The sysop and its groups; our mark that it is finished.
    expect(differing.sort()).toEqual(['actor', 'updatelog', 'user', 'user_groups'])
    expect(mine).toMatchObject({ user: 1, actor: 1, page: 1, revision: 1, user_groups: 0 })
  })

  test('leaves nothing for update.php to do', async () => {
    const wiki = await farm.makeWiki('updated')
    await wiki.install()
    const [schema, rows] = [await schemaOf(wiki), await rowsOf(wiki)]
    const { stdout } = await wiki.maintenance('update', '--quick')
    expect(stdout).toContain('Done in')
    expect(await schemaOf(wiki)).toEqual(schema)
    // It notes which updates it found done.
    expect(await rowsOf(wiki)).toEqual({ ...rows, updatelog: expect.any(Number) as number })
  })

  test('leaves a finished installation alone', async () => {
    const wiki = await farm.makeWiki('twice')
    await wiki.maintenance('installPreConfigured')
    const before = await wiki.query('SELECT * FROM revision')
    const { stdout } = await wiki.maintenance('installPreConfigured')
    expect(stdout).toContain('This wiki is installed already.')
    expect(await wiki.query('SELECT * FROM revision')).toEqual(before)
  })

  test('starts over what a killed run left, wherever it was killed', async () => {
    const whole = await farm.makeWiki('whole')
    await whole.maintenance('installPreConfigured')
    const wanted = [await schemaOf(whole), await rowsOf(whole)]
    for (const [slug, isThere] of killPoints) {
      const wiki = await farm.makeWiki(slug)
      await killWhen(wiki, isThere)
      const marks =
        'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "updatelog"'
      const finished =
        (await wiki.query(marks)).length > 0 &&
        (await wiki.query('SELECT 1 FROM updatelog WHERE ul_key = "installPreConfigured"')).length > 0
      expect(finished, `${slug}: killed in time`).toBe(false)
      const { stdout } = await wiki.maintenance('installPreConfigured')
      expect(stdout).toContain('Removed what an unfinished installation had left.')
      expect(stdout).toContain('Installation complete.')
      expect([await schemaOf(wiki), await rowsOf(wiki)], slug).toEqual(wanted)
    }
  })

  test('waits for another run instead of working against it', async () => {
    const wiki = await farm.makeWiki('both')
    const runs = await Promise.all([
      wiki.maintenance('installPreConfigured'),
      wiki.maintenance('installPreConfigured'),
    ])
    const said = runs.map(({ stdout }) => /(\S+ \S+)\.\s*$/.exec(stdout)?.[1]).sort()
    expect(said).toEqual(['Installation complete', 'installed already'])
    expect(await rowsOf(wiki)).toMatchObject({ page: 1, revision: 1, user: 1 })
  })

  test('touches no database that holds a wiki of somebody else’s', async () => {
    const wiki = await farm.makeWiki('theirs')
    await wiki.install()
    await wiki.query('DELETE FROM updatelog WHERE ul_key = "installPreConfigured"')
    await wiki.query(
      'INSERT INTO user (user_name, user_registration, user_touched, user_token, user_password, user_newpassword, user_email) VALUES ("Somebody", "", "", "", "", "", "")',
    )
    await expect(wiki.maintenance('installPreConfigured')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds a wiki that this command did not make') as string,
    })
    expect(await rowsOf(wiki)).toMatchObject({ page: 1, user: 2 })
  })

  test('is refused once the wiki’s accounts are the hub’s', async () => {
    const wiki = await farm.makeWiki('late')
    await wiki.install()
    await wiki.configure({ WIKI_SHARED_DB_NAME: 'hub' })
    await expect(wiki.maintenance('installPreConfigured')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A wiki is installed while WIKI_BOOTSTRAPING is true') as string,
    })
  })

  test('fails without telling a password', async () => {
    const wiki = await farm.makeWiki('wrong')
    for (const changed of [{ WIKI_DB_PASSWORD: 'not-the-password' }, { WIKI_DB_HOST: '127.0.0.1:1' }]) {
      await wiki.configure(changed)
      const failure = await wiki.maintenance('installPreConfigured').then(
        () => undefined,
        (error: { code: number; stdout: string; stderr: string }) => error,
      )
      expect(failure?.code).toBe(1)
      const said = `${failure?.stdout ?? ''}${failure?.stderr ?? ''}`
      expect(said).toMatch(/Access denied|Connection refused/)
      expect(said).not.toContain('not-the-password')
      expect(said).not.toContain(wiki.password)
    }
  })

  test('makes the tables of the extensions that FarmSettings.php loads', async () => {
    const wiki = await farm.makeWiki('linted')
    // The tables of the second may be in another database, by a name of their own for it.
    const extensions = "<?php wfLoadExtensions( [ 'Linter', 'OATHAuth' ] );"
    await writeFile(join(wiki.folder, 'FarmSettings.php'), extensions)
    await wiki.install()
    const schema = await schemaOf(wiki)
    expect(schema).toHaveProperty('linter')
    expect(schema).toHaveProperty('oathauth_devices')
    await wiki.maintenance('update', '--quick')
    expect(await schemaOf(wiki)).toEqual(schema)
  })

  test.for([
    ['de', 'Hauptseite'],
    ['ar', 'الصفحة_الرئيسية'],
  ] as const)('writes the main page in the wiki’s language (%s)', async ([language, title]) => {
    const wiki = await farm.makeWiki(language, { WIKI_LANG: language })
    await wiki.install()
    const [page] = await wiki.query('SELECT page_title FROM page')
    expect(String(page?.['page_title'])).toBe(title)
    const { stdout } = await wiki.maintenance('getText', title)
    expect(stdout).not.toContain('⧼')
    expect(stdout.length).toBeGreaterThan(100)
  })
})

/** In the order in which an installation reaches them. */
const killPoints = [
  ['killed1', (tables: number) => tables >= 1],
  ['killed20', (tables: number) => tables >= 20],
  ['killed57', (tables: number) => tables >= 57],
  ['killedlate', (_: number, pages: number) => pages > 0],
] as const

async function killWhen(wiki: TestWiki, isThere: (tables: number, pages: number) => boolean): Promise<void> {
  const child = spawn('php', ['maintenance/run', 'installPreConfigured'], {
    cwd: wiki.folder,
    env,
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  let over = false
  void ended.then(() => (over = true))
  while (!over) {
    const [found] = await wiki.query(
      'SELECT COUNT(*) AS made, SUM(table_name = "page") AS pageTable FROM information_schema.tables WHERE table_schema = DATABASE()',
    )
    const pages = Number(found?.['pageTable']) > 0 ? (await wiki.query('SELECT 1 FROM page')).length : 0
    if (isThere(Number(found?.['made']), pages)) break
  }
  child.kill('SIGKILL')
  await ended
  // What it had asked for last may still be under way.
  await expect
    .poll(() => wiki.query(`SELECT 1 FROM information_schema.processlist WHERE user = '${wiki.database}'`))
    .toEqual([])
}
