/** Whoever is on the machine can read its list of processes: no secret is in it while a whole farm is brought up and used. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findTemporalCli } from '@wikistead/processes'
import { expect, test } from 'vitest'
import { watchProcesses } from '../../test/processes/process-list.ts'

const command = fileURLToPath(new URL('../../../cli/bin/wikistead.js', import.meta.url))
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const run = promisify(execFile)

/** Everything in the data folder that is secret, by what it is the secret of. */
async function secretsOf(data: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const kept = [
    'bootstrap-token',
    'api-proof-key',
    'mediawiki/service-secret',
    'mediawiki/mariadb/admin-password',
  ]
  const farm = ['admin-token', 'owner-link-key', 'session-secret'].map((name) => `fedwiki-farm/${name}`)
  for (const file of [...kept, ...farm]) found.set(file, (await readFile(join(data, file), 'utf8')).trim())
  const wikis = join(data, 'mediawiki/wikis')
  const slugs = (await readdir(wikis)).filter((name) => !name.startsWith('.'))
  for (const slug of slugs) {
    const ini = await readFile(join(wikis, slug, 'pubwiki.ini'), 'utf8')
    for (const [, key = '', value = ''] of ini.matchAll(/^(\w*(?:PASSWORD|SECRET))="(.+)"$/gm)) {
      found.set(`${key} of ${slug}`, value)
    }
    const key = await readFile(join(data, 'mediawiki/oauth', slug, 'oauth.key'), 'utf8')
    for (const line of key.split('\n').filter((line) => line.length > 8 && !line.startsWith('-'))) {
      found.set(`a line of the key of ${slug}: ${line.slice(0, 4)}`, line)
    }
  }
  return found
}

test('no secret is in a command line or an environment', { timeout: 600_000 }, async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-processes-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const data = join(folder, 'data')
  const { path } = await findTemporalCli({ env: process.env, cacheFolder: join(cache, 'wikistead') })
  const list = watchProcesses()
  started.use(list)
  const env = { HOME: folder, XDG_CACHE_HOME: cache, PATH: process.env['PATH'] }
  await run(
    process.execPath,
    [
      ...[command, 'demo', '--once', '--json', '--log-level=warn', `--data-folder=${data}`],
      ...[`--temporal-cli=${path}`, '--port=0', '--fedwiki-farm-port=0'],
    ],
    { env, maxBuffer: 50_000_000 },
  ).catch((error: unknown) => {
    throw new Error(String((error as { stdout?: string }).stdout).slice(-2_000), { cause: error })
  })
  const canary = 'a-secret-that-somebody-gave-away-0123'
  await run('sh', ['-c', 'sleep 2; :', canary], { env: { ...env, CANARY: canary } })

  // What was to be seen was seen.
  for (const program of ['installPreConfigured', 'makeFounder', 'mariadbd', 'fedwiki', 'temporal', canary]) {
    expect(list.commandLines).toContain(program)
  }
  expect(list.environments).toContain('WIKISTEAD_COMMAND=')
  expect(list.environments).toContain(canary)
  const secrets = await secretsOf(data)
  expect(secrets.size).toBeGreaterThan(20)
  for (const [of, secret] of secrets) {
    expect([of, list.commandLines.includes(secret), list.environments.includes(secret)]).toEqual([
      of,
      false,
      false,
    ])
  }
})
