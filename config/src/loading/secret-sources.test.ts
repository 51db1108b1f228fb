import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { file, folder, home, load, notesOf, problemsOf } from '../../test/loading.ts'
import { Secret } from '../secret.ts'
import { settings, type Setting } from '../settings/settings.ts'

const secrets = settings.filter(({ secret }) => secret)
const named = secrets.map((setting): [string, Setting] => [setting.name, setting])
/** Long enough for each, and nothing else anywhere. */
const marker = 'hunter2hunter2hunter2hunter2hunter2'

function secretFile(content: string, mode = 0o600): string {
  const path = file(content)
  chmodSync(path, mode)
  return path
}

/** A folder as systemd makes it, with one credential. */
function credentials(name: string, content: string): { readonly CREDENTIALS_DIRECTORY: string } {
  const at = mkdtempSync(join(folder, 'credentials-'))
  writeFileSync(join(at, name), content, { mode: 0o444 })
  return { CREDENTIALS_DIRECTORY: at }
}

/** What else must be there for each of them to be taken. */
const beside = {
  WIKISTEAD_STORE_URL: 'mariadb://wiki@localhost/farm',
  WIKIFARM_SERVICE_OLD_KEY_ID: 'old',
  WIKI_SHARED_DB_NAME: 'hub',
  ...{ WIKISTEAD_SMTP_SERVER: 'smtps://mail.example.org', WIKISTEAD_SMTP_FROM: 'farm@example.org' },
  WIKISTEAD_SMTP_USER: 'farm',
  ...{ WIKISTEAD_OIDC_ISSUER: 'https://login.example.org', WIKISTEAD_OIDC_CLIENT_ID: 'us' },
}

/** What the configuration holds of a secret. */
function held(name: string, sources: Parameters<typeof load>[0]): string | undefined {
  const config = load(sources)
  if (name === 'store-password') {
    return config.storeUrl.engine === 'mariadb' ? config.storeUrl.password?.reveal() : undefined
  }
  const key = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const value: unknown = Reflect.get(config, key)
  return value instanceof Secret ? value.reveal() : undefined
}

describe.each(named)('the secret %s', (name, { env: variable, flag }) => {
  const env = { ...home, ...beside }

  test('may be in a file, in the environment, a credential of systemd, or the configuration', () => {
    const path = secretFile(`${marker}\n`)
    for (const sources of [
      { env, flags: { [`${name}-file`]: path } },
      { env: { ...env, [variable]: marker } },
      { env: { ...env, [`${variable}_FILE`]: path } },
      { env: { ...env, ...credentials(name, `${marker}\r\n`) } },
      { env, file: secretFile(`${name}: ${marker}`) },
      { env, file: secretFile(`${name}-file: ${path}`) },
    ]) {
      expect(held(name, sources)).toBe(marker)
    }
  })

  test('is not taken from the command line, and what to do is said', () => {
    expect(flag).toBeUndefined()
    const problems = problemsOf({ env, flags: { [name]: marker } })
    expect(problems[0]).toContain(
      `--${name}-file, or give it as ${variable} or as systemd's credential ${name}`,
    )
    expect(problems.join()).not.toContain(marker)
    // Nor does it go unsaid where the true one is elsewhere.
    expect(problemsOf({ env: { ...env, [variable]: marker }, flags: { [name]: marker } })).toHaveLength(1)
  })

  test('is shown nowhere', () => {
    const config = load({ env: { ...env, [variable]: marker } })
    expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain(marker)
    for (const given of ['x', `${marker}\n${marker}\n${marker}`]) {
      const path = secretFile(given)
      const said = problemsOf({ env: { ...env, [`${variable}_FILE`]: path } })
      expect(said.join()).not.toContain(marker)
    }
  })

  test('in a file that cannot be used is a problem, and one that others read a note', () => {
    const problem = (path: string) => problemsOf({ env: { ...env, [`${variable}_FILE`]: path } })[0]
    expect(problem('/nowhere')).toMatch(/that file cannot be read: ENOENT/)
    expect(problem(secretFile(''))).toMatch(/it is empty/)
    expect(problem(secretFile('\n\n'))).toMatch(/it is empty/)
    expect(problem(secretFile(`${marker}\n${marker}\n${marker}\n`))).toMatch(
      /more than (?:one line|two lines)/,
    )
    const writable = secretFile(marker, 0o606)
    expect(problem(writable)).toMatch(
      `everybody on this machine can write to that file: run \`chmod 600 ${writable}\``,
    )
    const open = (sources: Parameters<typeof notesOf>[0]) =>
      notesOf(sources).filter((note) => note.includes('everybody on this machine'))
    const readable = secretFile(marker, 0o644)
    expect(open({ env: { ...env, [`${variable}_FILE`]: readable } })).toEqual([
      `${name} (${variable}_FILE): everybody on this machine can read that file: run \`chmod 600 ${readable}\``,
    ])
    const configuration = secretFile(`${name}: ${marker}`, 0o644)
    expect(open({ env, file: configuration })[0]).toContain(`chmod 600 ${configuration}`)
    expect(open({ env: { ...env, ...credentials(name, marker) } })).toEqual([])
    expect(open({ env: { ...env, [variable]: marker } })).toEqual([])
  })
})

test('the environment goes before the credentials, and these before the configuration', () => {
  const given = credentials('redis-password', 'of the credential')
  const inFile = secretFile('redis-password: of the file')
  const of = (env: Readonly<Record<string, string>>, path?: string) =>
    load({ env: { ...home, ...env }, ...(path !== undefined && { file: path }) }).redisPassword?.reveal()
  expect(of({ ...given, REDIS_PASSWORD: 'of the environment' }, inFile)).toBe('of the environment')
  expect(of(given, inFile)).toBe('of the credential')
  expect(of({}, inFile)).toBe('of the file')
})

test('credentials: what is meant for somebody else is left alone, and what looks like ours is told', () => {
  const env = { ...home, ...credentials('tls.key', 'x') }
  for (const name of ['fedwiki-admin-tokn', 'log-level']) {
    writeFileSync(join(env.CREDENTIALS_DIRECTORY, name), 'x')
  }
  expect(notesOf({ env })).toEqual(
    expect.arrayContaining([
      'fedwiki-admin-tokn (credential): no setting; did you mean fedwiki-admin-token?',
      'log-level (credential): no secret and no file: it stands in the configuration itself',
    ]),
  )
  expect(notesOf({ env })).toHaveLength(2)
  expect(notesOf({ env: { ...home, CREDENTIALS_DIRECTORY: '/gone/with/its/service' } })).toEqual([])
  expect(problemsOf({ env: { ...home, CREDENTIALS_DIRECTORY: file('no folder') } })[0]).toMatch(/ENOTDIR/)
})

test('a credential that is named as a path is the file itself', () => {
  const env = { ...home, ...credentials('temporal-tls-key', 'a key'), TEMPORAL_TLS_CLIENT_CERT_PATH: '/cert' }
  expect(load({ env }).temporalTlsKey).toBe(join(env.CREDENTIALS_DIRECTORY, 'temporal-tls-key'))
})

test('a password in the address of the store is none for a command line either', () => {
  const [problem] = problemsOf({ flags: { 'store-url': 'mariadb://wiki:hunter2@localhost/farm' } })
  expect(problem).toContain('--store-password-file')
  expect(problem).not.toContain('hunter2')
  expect(problemsOf({ flags: { 'store-url': 'mariadb://wiki@localhost/farm' } })).toEqual([])
})

describe('a secret that is changed while it is used', () => {
  const of = (path: string) =>
    load({ env: { ...home, WIKISTEAD_FEDWIKI_ADMIN_TOKEN_FILE: path } }).fedwikiAdminToken
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string]

  test('has the new one first, and the one before as long as that stands there', () => {
    const path = secretFile(`${one}\n`)
    const secret = of(path)
    expect(secret?.all()).toEqual([one])
    replace(path, `${two}\n${one}\n`)
    expect([secret?.reveal(), secret?.all()]).toEqual([two, [two, one]])
    // Written in place, in the same length, and dated back.
    writeFileSync(path, `${three}\n${two}\n`)
    utimesSync(path, 1, 1)
    expect(secret?.all()).toEqual([three, two])
    replace(path, three)
    expect(secret?.all()).toEqual([three])
  })

  test('stays what it was while its file is not as it must be', () => {
    const path = secretFile(`${one}\n${two}\n`)
    const secret = of(path)
    for (const broken of ['', 'short', `${three}\n${two}\n${one}\n`]) {
      replace(path, broken)
      expect(secret?.all(), broken).toEqual([one, two])
    }
    rmSync(path)
    expect(secret?.all()).toEqual([one, two])
    mkdirSync(path)
    expect(secret?.all()).toEqual([one, two])
    rmSync(path, { recursive: true })
    replace(path, three)
    expect(secret?.all()).toEqual([three])
  })

  function replace(path: string, content: string): void {
    writeFileSync(`${path}.new`, content, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
})
