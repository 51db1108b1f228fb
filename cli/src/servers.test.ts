import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flagsOf } from '@wikistead/test/secret-flags'
import { freshStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli, startCli } from '../test/run-cli.ts'

let started: AsyncDisposableStack
let folder: string

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'wikistead-cli-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
})
afterEach(() => started.disposeAsync())

const anyPorts = ['--port', '0', '--fedwiki-farm-port', '0', '--temporal-port', '0']

describe('whatever is wrong with the configuration', () => {
  test.each(['start', 'api', 'worker', 'serve-mediawiki', 'doctor', 'demo'])(
    'is listed at once by `%s`, which ends with 2',
    async (name) => {
      const file = join(folder, 'wikistead.yaml')
      await writeFile(file, 'fedwiki-sync-intervall: 30m\nfedwiki-site-limit: many\n')
      const args = [name, '--config', file, '--port', 'http']
      const env = { WIKISTEAD_LOG_LEVEL: 'loud' }
      const plain = await runCli(args, { env })
      expect(plain).toMatchObject({ code: 2, stdout: '' })
      const lines = plain.stderr.trimEnd().split('\n')
      expect(lines[0]).toBe('The configuration needs mending:')
      expect(
        lines
          .slice(1)
          .map((line) => line.trim().split(' ')[0])
          .sort(),
      ).toEqual(['fedwiki-site-limit', 'fedwiki-sync-intervall', 'log-level', 'port'])
      expect(plain.stderr).toContain('did you mean fedwiki-sync-interval?')

      const json = await runCli([...args, '--json'], { env })
      expect(json).toMatchObject({ code: 2, error: { event: 'error', exit_code: 2 } })
      expect(json.error['message']).toBe(plain.stderr.trimEnd())
    },
  )
})

describe('a variable that is no setting, and a setting without effect,', () => {
  const env = { WIKIFARM_SERCH: 'cirrus', TEMPORAL_ADRESS: 'a:1', WIKIFARM_OAUTH_DIR: '/srv/oauth' }
  const temporal = ['--temporal-address', '127.0.0.1:9']
  const told = [
    ['WIKIFARM_SERCH', 'no setting; did you mean WIKIFARM_SEARCH?'],
    ['TEMPORAL_ADRESS', 'no setting; did you mean TEMPORAL_ADDRESS?'],
    ['wikifarm-oauth-dir', 'no effect: the MediaWiki engine is off while wikifarm-dir is not set'],
  ]
  const notes = (lines: readonly Record<string, unknown>[]) =>
    lines.flatMap(({ setting, mend }) => (setting === undefined ? [] : [[setting, mend]]))

  // Each ends before it is up, for want of something else.
  test.each([
    ['start', ['start', '--temporal-cli', '/nowhere/temporal', '--fedwiki-embedded-farm', 'false']],
    ['api', ['api']],
    ['worker', ['worker', ...temporal]],
    ['worker --host', ['worker', '--host', 'one']],
  ])('are told once in the log of `%s`', async (_, args) => {
    const { code, events } = await runCli([...args, '--data-folder', join(folder, 'data')], { env })
    expect(code).toBe(6)
    expect(events.filter(({ setting }) => setting !== undefined)).toMatchObject([
      { level: 40, msg: 'a variable is no setting' },
      { level: 40, msg: 'a variable is no setting' },
      { level: 40, msg: 'a setting has no effect', source: 'WIKIFARM_OAUTH_DIR' },
    ])
    expect(notes(events)).toEqual(told)
  })

  test('are told by `doctor` as doubts, and by `template check` on standard error', async () => {
    const data = ['--data-folder', join(folder, 'data')]
    const { events } = await runCli(['doctor', ...data, ...anyPorts, '--json'], { env })
    const doubts = events.filter(({ check, ok }) => check === 'settings' && ok === false)
    expect(doubts.map(({ detail, needed }) => [detail, needed])).toEqual(
      [
        'WIKIFARM_SERCH (environment): no setting; did you mean WIKIFARM_SEARCH?',
        'TEMPORAL_ADRESS (environment): no setting; did you mean TEMPORAL_ADDRESS?',
        'wikifarm-oauth-dir (WIKIFARM_OAUTH_DIR): no effect: the MediaWiki engine is off while wikifarm-dir is not set',
      ].map((detail) => [detail, false]),
    )
    const { stderr } = await runCli(['template', 'check', ...data], { env })
    expect(stderr).toMatch(
      /^Note: WIKIFARM_SERCH \(environment\): no setting; did you mean WIKIFARM_SEARCH\?$/m,
    )
    // A template is made where no wiki runs.
    expect(stderr).not.toContain('WIKIFARM_OAUTH_DIR')
  })
})

test('a configuration that several machines share demands of each command only what it uses', async () => {
  const file = join(folder, 'shared.yaml')
  const lines = [
    ...['fedwiki-farm-url: http://127.0.0.1:9', 'fedwiki-parent-domain: wiki.example.org'],
    ...['fedwiki-admin-token-file: /nowhere/farm-token', 'fedwiki-custom-domains: true'],
    ...['oidc-issuer: https://login.example.org', 'oidc-client-secret-file: /nowhere/oidc-secret'],
    ...['host: 0.0.0.0', 'port: 9', 'wikifarm-dir: /nowhere/wikis', 'wiki-root-host: wikis.example.org'],
    ...['wiki-db-admin-password-file: /nowhere/db-password', 'store-password-file: /nowhere/password'],
  ]
  await writeFile(file, lines.join('\n'))
  const run = (...args: string[]) =>
    runCli([...args, '--config', file, '--data-folder', join(folder, 'data')])
  // Each comes as far as what it is really for.
  expect((await run('template', 'check', '/nowhere/template')).stderr).toContain('No wiki can be made of')
  expect((await run('list')).stderr).toContain('No API answers at')
  const host = (await run('worker', '--host', 'one')).stderr
  expect(host).toContain('wiki-db-admin-password')
  expect(host).not.toMatch(/fedwiki|oidc/)
  const api = (await run('api')).stderr
  expect(api).toMatch(/oidc-client-secret.*fedwiki-admin-token/s)
  expect(api).not.toContain('wiki-db')
})

describe('in one line, and with its own exit code,', () => {
  const aLine = /^[^\n]+\n$/

  test('`start` and `api` refuse a default user who does not exist, before anything else is started', async () => {
    const data = join(folder, 'data')
    const sync = ['--fedwiki-sync-enabled', '--fedwiki-sync-default-user-id', '99', '--data-folder', data]
    for (const args of [
      ['start', ...sync, ...anyPorts],
      ['api', ...sync, '--port', '0', '--temporal-address', '127.0.0.1:9', '--log-level', 'silent'],
    ]) {
      const { code, stderr } = await runCli(args)
      expect(code).toBe(3)
      expect(stderr).toMatch(aLine)
      expect(stderr).toContain('fedwiki-sync-default-user-id is 99, and there is no such user.')
    }
    expect(await readdir(data)).not.toContain('temporal')
    expect(await readdir(data)).not.toContain('fedwiki-farm')
  })

  test('`start` says that a Temporal CLI is none', async () => {
    const args = [
      'start',
      '--data-folder',
      join(folder, 'data'),
      '--fedwiki-embedded-farm',
      'false',
      ...anyPorts,
    ]
    const { code, stderr } = await runCli(args, {
      env: { WIKISTEAD_TEMPORAL_CLI: join(folder, 'no-temporal') },
    })
    expect(code).toBe(6)
    expect(stderr).toMatch(aLine)
    expect(stderr).toContain('no-temporal does not exist; name a temporal command, or unset it')
  })

  test('`api` and `worker` say what they need that others run', async () => {
    const data = ['--data-folder', join(folder, 'data')]
    const api = await runCli(['api', ...data])
    expect(api.code).toBe(6)
    expect(api.stderr).toMatch(aLine)
    expect(api.stderr).toMatch(/Set temporal-address, or run `\S*wikistead\S* start --data-folder \S+`/)
    const worker = await runCli(['worker', ...data, '--temporal-address', '127.0.0.1:9', '--json'])
    expect(worker.code).toBe(6)
    expect(worker.error).toMatchObject({ event: 'error', exit_code: 6 })
    expect(worker.error['message']).toContain('set fedwiki-farm-url')
  })

  test('`demo` refuses a farm that is not its own', async () => {
    const args = ['demo', '--data-folder', join(folder, 'data'), '--once', '--json']
    const farm = {
      WIKISTEAD_FEDWIKI_FARM_URL: 'http://127.0.0.1:9',
      WIKISTEAD_FEDWIKI_PARENT_DOMAIN: 'wiki.example',
    }
    const { code, stderr, events } = await runCli(args, { env: farm })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    // What it was about to do is said before it is looked at.
    expect(events).toMatchObject([{ event: 'note' }, { event: 'done', ok: false, wikis: [] }])
    expect(events[1]?.['message']).toContain(
      'fedwiki-farm-url: the demo brings a farm of its own; leave this out',
    )
    expect(await readdir(folder)).toEqual([])
  })

  test('`serve-mediawiki` says that the engine is off, or that nobody has made the store', async () => {
    const data = ['--data-folder', join(folder, 'data')]
    const noStore = await runCli(['serve-mediawiki', ...data])
    expect(noStore.code).toBe(6)
    expect(noStore.stderr).toMatch(aLine)
    expect(noStore.stderr).toMatch(
      /is not there yet: let `\S*wikistead\S* start --data-folder \S+` or `api` run first/,
    )
    const { config } = started.use(await freshStore('sqlite'))
    const store = config.engine === 'sqlite' ? ['--store-url', `sqlite:${config.filename}`] : []
    const off = await runCli(['serve-mediawiki', ...data, ...store, '--json'])
    expect(off).toMatchObject({ code: 6, error: { event: 'error', exit_code: 6 } })
    expect(off.error['message']).toContain('set wikifarm-dir')
  })
})

test('`serve-mediawiki` serves on this machine until it is stopped', async () => {
  const { config } = started.use(await freshStore('sqlite'))
  const wikis = join(folder, 'wikis')
  await mkdir(wikis)
  // PHP's user walks through it.
  await chmod(folder, 0o755)
  const settings = {
    ...{ 'data-folder': join(folder, 'data'), 'wikifarm-dir': wikis, 'wikifarm-runner': 'host' },
    ...{ 'wikifarm-oauth-dir': join(folder, 'oauth'), 'wikifarm-template': join(folder, 'template') },
    ...{ 'wiki-root-host': 'wikis.example', 'wiki-db-host': '127.0.0.1:9' },
    ...{ 'wiki-db-admin-user': 'root', 'wiki-db-admin-password': 'any', 'wikifarm-php-user': '65534:65534' },
    ...(config.engine === 'sqlite' && { 'store-url': `sqlite:${config.filename}` }),
  }
  const flags = flagsOf(settings, join(folder, 'secrets'))
  await using run = startCli(['serve-mediawiki', '--listen', '127.0.0.1:0', ...flags])
  await expect.poll(() => run.stdout).toContain('the wikis are served')
  const lines = run.stdout.trim().split('\n')
  const up = JSON.parse(lines.at(-1) ?? '') as { readonly host: string; readonly port: number }
  expect(up.host).toBe('127.0.0.1')
  const answer = await fetch(`http://127.0.0.1:${String(up.port)}/`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('There is no wiki here')
  run.child.kill('SIGTERM')
  expect(await run.ended).toBe(0)
  expect(run.stderr).toBe('')
})
