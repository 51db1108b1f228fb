import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { standInLogin, startSearchStandIn } from '@wikistead/mediawiki/test/search-stand-in'
import { startTestFarm, thinTemplate, type TestFarm } from '@wikistead/mediawiki-template/test/test-farm'
import { chooseFreePort } from '@wikistead/processes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Check } from './check.ts'
import { checkMediaWiki } from './mediawiki-checks.ts'

const started = new AsyncDisposableStack()
const administrator = `admin_${randomBytes(4).toString('hex')}`
const path = process.env['PATH'] ?? ''
let folder: string
let farm: TestFarm
/** Where PHP's user gets to it, and to its core. */
let template: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-doctor-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  for (const name of ['wikis', 'oauth', 'empty']) await mkdir(join(folder, name))
  farm = started.use(await startTestFarm())
  template = join(folder, 'template')
  await thinTemplate(template, { core: join(folder, 'core') })
  await farm.sql.query(`CREATE USER ${administrator} IDENTIFIED BY 'of-the-administrator'`)
  await farm.sql.query(`GRANT ALL PRIVILEGES ON *.* TO ${administrator} WITH GRANT OPTION`)
  started.defer(async () => void (await farm.sql.query(`DROP USER ${administrator}`)))
})
afterAll(() => started.disposeAsync())

/** Of a farm that is well but for these. */
async function look(changes: Readonly<Record<string, string>> = {}, php = path): Promise<readonly Check[]> {
  const settings = {
    ...{ wikifarmDir: join(folder, 'wikis'), wikifarmOauthDir: join(folder, 'oauth') },
    ...{ wikifarmTemplate: template, wikifarmRunner: 'host' },
    ...(process.getuid?.() !== 0 && {
      wikifarmPhpUser: `${String(process.getuid?.())}:${String(process.getgid?.())}`,
    }),
    ...{ wikiRootHost: 'wikis.example', wikiDbHost: `127.0.0.1:${String(farm.port)}` },
    ...{ wikiDbAdminUser: administrator, wikiDbAdminPassword: 'of-the-administrator' },
  }
  return checkMediaWiki(loadConfig({ defaults: { ...settings, ...changes }, env: { HOME: folder } }), php)
}

/** What is not ok, each with what mends it. */
function ill(checks: readonly Check[]): [check: string, detail: string][] {
  for (const { ok, mend } of checks) if (!ok) expect(mend).toMatch(/\w+.*\.$|GRANT|override|php -l/)
  return checks.flatMap(({ check, ok, detail }) => (ok ? [] : [[check, detail]]))
}

test('one line tells that the engine is off', async () => {
  const config = loadConfig({ defaults: {}, env: { HOME: folder } })
  expect(await checkMediaWiki(config, path)).toEqual([
    { check: 'mediawiki', ok: true, needed: true, detail: 'off: wikifarm-dir is not set' },
  ])
})

test('a farm that is well is found well, and nothing of it is changed', async () => {
  const before = await readdir(template, { recursive: true })
  const checks = await look()
  expect(ill(checks)).toEqual([])
  expect(checks.map(({ check }) => check)).toEqual([
    ...[
      'wikis',
      'oauth keys',
      'wiki template',
      'mariadb',
      'anonymous accounts',
      'rights of wikis',
      'shared accounts',
      'store and wikis',
      'php by host',
      'files for php',
      'php users',
    ],
    ...['opensearch', 'opensearch of wikis', 'redis of wikis'],
  ])
  expect(checks.find(({ check }) => check === 'php by host')?.detail).toMatch(/^PHP \d.* answers\.$/)
  expect(await readdir(join(folder, 'wikis'))).toEqual([])
  expect(await readdir(template, { recursive: true })).toEqual(before)
})

test.runIf(process.getuid?.() === 0)(
  'what PHP’s user cannot read is found, though root can, with a mend that opens no pubwiki.ini',
  async () => {
    const php = { wikifarmPhpUser: 'www-data' }
    const checks = (await look(php)).filter(({ check }) => check === 'files for php')
    expect(ill(checks)).toEqual([])
    const closing: readonly (readonly [path: string, mode: number, told: RegExp])[] = [
      [join(folder, 'wikis'), 0o700, /wikis$/],
      [template, 0o750, /template$/],
      [join(template, 'LocalSettings.php'), 0o600, /LocalSettings\.php$/],
    ]
    for (const [path, mode, told] of closing) {
      const before = (await stat(path)).mode & 0o777
      await chmod(path, mode)
      const found = (await look(php)).find(({ check }) => check === 'files for php')
      expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(told) as string })
      expect(found?.mend).not.toMatch(/chmod -R|a\+rX/)
      await chmod(path, before)
    }
  },
)

test('folders that are missing or in the wrong place are found, through links as well', async () => {
  const missing = ill(await look({ wikifarmOauthDir: join(folder, 'nowhere') }))
  expect(missing).toEqual([['oauth keys', expect.stringContaining('ENOENT')]])
  const keys = join(folder, 'wikis/keys')
  await mkdir(keys)
  await symlink(keys, join(folder, 'link'))
  for (const wikifarmOauthDir of [keys, join(folder, 'link'), join(folder, 'wikis')]) {
    expect(ill(await look({ wikifarmOauthDir }))).toEqual([
      ['oauth keys', `${wikifarmOauthDir} is below wikifarm-dir, which web servers show`],
    ])
  }
  await rm(keys, { recursive: true })
  const none = ill(await look({ wikifarmDir: join(folder, 'no-wikis') })).map(([check]) => check)
  expect(none).toEqual(['wikis', 'php by host'])
})

test('a template that is none is found, and one whose PHP is elsewhere only where a container has it', async () => {
  const empty = join(folder, 'empty')
  expect(ill(await look({ wikifarmTemplate: empty }))).toEqual([
    ['wiki template', `${empty} holds no MediaWiki`],
  ])
  expect(ill(await look({}, folder))).toEqual([
    ['wiki template', expect.stringContaining('php does not run')],
  ])
  const engine = { wikifarmRunner: 'docker', wikifarmInstance: 'wikis', dockerSocket: join(folder, 'none') }
  const checks = await look(engine, folder)
  expect(ill(checks)).toEqual([['php by docker', expect.stringContaining('does not answer')]])
  expect(checks.find(({ check }) => check === 'wiki template')?.detail).toContain('PHP is not here')
})

test('an administrator without rights, without a server and without a hub is found', async () => {
  await farm.sql.query(`REVOKE CREATE USER, DROP ON *.* FROM ${administrator}`)
  expect(ill(await look())).toEqual([
    ['mariadb', expect.stringMatching(/lacks (?=.*CREATE USER)(?=.*DROP).* on \*\.\*$/)],
  ])
  await farm.sql.query(`GRANT ALL PRIVILEGES ON *.* TO ${administrator} WITH GRANT OPTION`)
  expect(ill(await look({ wikiDbHost: '127.0.0.1:9' }))).toEqual([
    ['mariadb', expect.stringContaining('could not be reached')],
  ])
  const wrong = await look({ wikiDbAdminPassword: 'another-password' })
  expect(ill(wrong)).toEqual([['mariadb', expect.stringContaining('1045')]])
  expect(JSON.stringify(wrong)).not.toContain('another-password')
  expect(ill(await look({ wikiSharedDbName: 'no_hub' }))).toEqual([
    ['shared accounts', 'no_hub has no table user, user_properties, actor'],
  ])
})

test('a store in the hub’s database is doubted, and one in a database of its own is not', async () => {
  const stored = async (database: string) =>
    ill(await look({ wikiSharedDbName: 'the_hub', storeUrl: `mariadb://store@127.0.0.1/${database}` }))
  const doubt = ['store and wikis', expect.stringContaining('make themselves operators')]
  expect(await stored('the_hub')).toContainEqual(doubt)
  expect(await stored('its_own')).not.toContainEqual(doubt)
})

test("PHP's user must be there", async () => {
  expect(ill(await look({ wikifarmPhpUser: 'nobody-of-that-name' }))).toEqual([
    ['php by host', expect.stringContaining('has no user nobody-of-that-name')],
  ])
})

test.runIf(process.getuid?.() === 0)('a hub that has the user of the wikis is doubted', async () => {
  const hub = join(folder, 'wikis/hub')
  await mkdir(join(hub, 'cache'), { recursive: true })
  await writeFile(join(hub, 'pubwiki.ini'), '')
  const doubted = async () => ill(await look({ wikiSharedDbName: 'hub' })).map(([check]) => check)
  try {
    expect(await doubted()).toContain('php users')
    for (const path of ['cache', 'pubwiki.ini']) await chown(join(hub, path), 4_000, 4_000)
    expect(await doubted()).not.toContain('php users')
  } finally {
    await rm(hub, { recursive: true })
  }
  expect(ill(await look({ wikifarmPhpUser: '0:0' }))).toEqual([
    ['php users', expect.stringContaining('runs as root')],
  ])
})

test('a stand-in for OpenSearch is asked with the account, and believed by its version', async () => {
  let number = '7.10.2'
  const server = createServer(({ headers: { authorization } }, response) => {
    const known = authorization === `Basic ${Buffer.from('wikis:of-the-search').toString('base64')}`
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ version: { number } }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const opensearchEndpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  const cirrus = { wikifarmSearch: 'cirrus', opensearchEndpoint, opensearchAdminUser: 'wikis' }
  // The template has none of the extensions, and that is told as well.
  const illOf = (checks: readonly Check[]) => {
    const all = ill(checks)
    const ofTemplate = all.filter(([check]) => check === 'wiki template')
    expect(ofTemplate.map(([, detail]) => /extensions\/\w+ is missing/.exec(detail)?.[0])).toEqual([
      'extensions/Elastica is missing',
      'extensions/CirrusSearch is missing',
    ])
    return all.filter(([check]) => check !== 'wiki template')
  }
  try {
    const opensearchAdminPassword = 'of-the-search'
    expect(illOf(await look({ ...cirrus, opensearchAdminPassword }))).toEqual([])
    const refused = await look({ ...cirrus, opensearchAdminPassword: 'something-else' })
    expect(illOf(refused)).toEqual([['opensearch', `${opensearchEndpoint} answers HTTP 401`]])
    expect(JSON.stringify(refused)).not.toContain('something-else')
    number = '1.3.6'
    const other = await look({ ...cirrus, opensearchAdminPassword })
    expect(illOf(other)).toEqual([['opensearch', expect.stringContaining('calls itself 1.3.6')]])
  } finally {
    server.close()
    server.closeAllConnections()
  }
  const away = {
    ...cirrus,
    opensearchAdminPassword: 'of-the-search',
    opensearchEndpoint: `http://127.0.0.1:${String(await chooseFreePort('127.0.0.1'))}`,
  }
  expect(illOf(await look(away))).toEqual([['opensearch', expect.stringContaining('ECONNREFUSED')]])
})

test('it is said how wikis sign in to a stand-in for OpenSearch with its security plugin', async () => {
  await using search = await startSearchStandIn()
  search.interfere = (_method, path) => (path === '/' ? 503 : undefined)
  const { endpoint } = search.server
  const lineOf = async (changes: Readonly<Record<string, string>>): Promise<string> => {
    const checks = await look({ wikifarmSearch: 'cirrus', opensearchEndpoint: endpoint, ...changes })
    const line = checks.find(({ check }) => check === 'opensearch of wikis')
    return `${line?.ok === true ? 'fine' : 'ill'}: ${line?.detail ?? ''}`
  }
  const shared = { opensearchUser: 'everybody', opensearchPassword: 'shared' }
  const own = { opensearchAdminUser: standInLogin.user, opensearchAdminPassword: standInLogin.password }
  expect(await lineOf({})).toMatch(/^ill: whoever reaches OpenSearch/)
  expect(await lineOf(shared)).toMatch(/^ill: all as Wikistead itself, everybody/)
  expect(await lineOf({ ...shared, ...own })).toMatch(/^ill: all as everybody/)
  expect(await lineOf(own)).toMatch(/^ill: none: /)
  search.security = new Map()
  expect(await lineOf(own)).toBe('fine: a user for each')
})
