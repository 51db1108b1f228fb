import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { flagsOf } from '@wikistead/test/secret-flags'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../test/run-cli.ts'

let folder: string
/** As little of a MediaWiki as a template is built from; nothing of it runs. */
let standIn: string
const asRoot = process.getuid?.() === 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-template-'))
  await chmod(folder, 0o755)
  standIn = join(folder, 'stand-in')
  await mkdir(join(standIn, 'includes'), { recursive: true })
  await mkdir(join(standIn, 'maintenance'))
  await mkdir(join(standIn, 'vendor'))
  await writeFile(join(standIn, 'vendor/autoload.php'), '<?php')
  await writeFile(join(standIn, 'includes/Defines.php'), "<?php define( 'MW_VERSION', '1.44.0' );")
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

const settings = () => ['--data-folder', join(folder, 'data'), '--json']

describe('a template of a real MediaWiki', () => {
  const tree = process.env['WIKISTEAD_MEDIAWIKI']
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const env = { XDG_CACHE_HOME: cache, ...(tree !== undefined && { WIKISTEAD_MEDIAWIKI: tree }) }

  test('is built with the keys of the farm, is found well, and is built anew', async () => {
    const target = join(folder, 'template')
    const build = ['template', 'build', '--thin', '--target', target, ...settings()]
    const farm = ['--mediawiki-wiki-url', 'http://{domain}:8430', '--wikifarm-search', 'cirrus']
    const built = await runCli([...build, ...farm], { env })
    expect(built).toMatchObject({ code: 0, stderr: '', last: { event: 'done', ok: true, path: target } })
    expect(built.last).toMatchObject({ core: `${target}-core` })
    const version = String(built.last['mediawiki_version'])
    expect(version).toMatch(/^1\.\d+/)
    expect(built.events.filter(({ event }) => event === 'progress').map(({ message }) => message)).toContain(
      'linking the template to its core',
    )
    const ini = await readFile(join(target, 'pubwiki.ini'), 'utf8')
    for (const line of ['WIKI_URL_SCHEME="http"', 'WIKI_URL_PORT="8430"', 'WIKIFARM_SEARCH="cirrus"']) {
      expect(ini).toContain(`${line}\n`)
    }
    if (asRoot) expect((await stat(join(target, 'images'))).uid).toBeGreaterThan(0)

    const check = ['template', 'check', target, ...settings()]
    expect(await runCli(check)).toMatchObject({
      code: 0,
      events: [{ event: 'done', ok: true, path: target, mediawiki_version: version, thin: true }],
    })
    await writeFile(join(target, 'FarmSettings.php'), '<?php\n$wgEmergencyContact = "a@example.org";\n')
    expect(await runCli(build, { env })).toMatchObject({ code: 0 })
    expect(await readFile(join(target, 'FarmSettings.php'), 'utf8')).toContain('a@example.org')

    await rm(join(target, 'api.php'))
    if (asRoot) await chmod(join(target, 'LocalSettings.php'), 0o600)
    const ill = await runCli(check)
    expect(ill).toMatchObject({ code: 6, error: { code: 'not_ok' } })
    const problems = ill.events.map(({ problem }) => problem)
    expect(problems).toContain(`${target}/api.php is missing`)
    // Root can read everything, and PHP's user is asked about.
    if (asRoot) expect(problems).toContain(`${target}/LocalSettings.php cannot be read`)
    for (const { mend } of ill.events) expect(mend).toMatch(/\w/)
    const plain = await runCli(check.slice(0, -1))
    expect(plain.stdout).toMatch(/^not ok {2}.*api\.php is missing\n {8}→ build the template anew/m)

    if (asRoot) {
      await chmod(target, 0o700)
      const closed = await runCli(check)
      expect(closed).toMatchObject({ code: 6, events: [{ problem: `www-data cannot read ${target}` }] })
    }
  })
})

describe('a template of a stand-in for MediaWiki', () => {
  test('has its core where the container sees it', async () => {
    const wikis = join(folder, 'wikis')
    const target = join(folder, 'in-container')
    await mkdir(wikis)
    const engine = {
      ...{ 'wikifarm-dir': wikis, 'wikifarm-container-dir': '/var/wikis', 'wikifarm-instance': 'mediawiki' },
      ...{ 'wikifarm-oauth-dir': join(folder, 'oauth'), 'wikifarm-template': target },
      ...{ 'wiki-root-host': 'wikis.example', 'wiki-db-host': '127.0.0.1:9' },
      ...{ 'wiki-db-admin-user': 'root', 'wiki-db-admin-password': 'any' },
    }
    const flags = flagsOf(engine, join(folder, 'secrets'))
    const build = (...core: readonly string[]) =>
      runCli(['template', 'build', ...core, ...flags, ...settings()], {
        env: { WIKISTEAD_MEDIAWIKI: standIn },
      })
    const mapped = await build('--core', join(wikis, '.core'))
    expect(mapped).toMatchObject({ code: 0, last: { path: target, core: join(wikis, '.core') } })
    expect(await readlink(join(target, 'mediawiki'))).toBe('/var/wikis/.core')

    const beside = await build('--thin')
    expect(await readlink(join(target, 'mediawiki'))).toBe(`${target}-core`)
    expect(beside.events.map(({ message }) => message)).toContain(
      `the container must see ${target}-core at the same place; a --core below wikifarm-dir is mapped with it`,
    )
  })

  test.each([
    [[], 2, 'Which folder? Say --target DIR'],
    [['--target', 'stand-in'], 6, 'holds something that is no template'],
    [['--target', 'stand-in/vendor/autoload.php/template'], 6, 'cannot be written (ENOTDIR)'],
    [['--target', 'new', '--wikifarm-php-user', 'nobody-of-that-name'], asRoot ? 6 : 0, 'wikifarm-php-user'],
  ] as const)('%j is refused with what mends it', async (args, code, told) => {
    const env = { WIKISTEAD_MEDIAWIKI: standIn }
    const refused = await runCli(['template', 'build', ...args, ...settings()], { env, cwd: folder })
    expect(refused).toMatchObject({ code })
    if (code > 0) expect(refused.error['message']).toContain(told)
  })

  test('no MediaWiki, and no folder to check, are refused as well', async () => {
    const env = { WIKISTEAD_MEDIAWIKI: folder }
    const none = await runCli(['template', 'build', '--target', join(folder, 'new'), ...settings()], { env })
    expect(none).toMatchObject({ code: 6 })
    expect(none.error['message']).toContain(`${folder} is no MediaWiki; set WIKISTEAD_MEDIAWIKI`)
    expect(await runCli(['template', 'check', ...settings()])).toMatchObject({ code: 2 })
  })
})
