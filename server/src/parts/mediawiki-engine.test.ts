import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { SetupError } from '@wikistead/processes'
import { expect, test } from 'vitest'
import { configuredRunner, databaseServer } from './mediawiki-engine.ts'

const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

function config(settings: Readonly<Record<string, string>>) {
  const farm = {
    ...{ wikifarmDir: '/srv/wikis', wikifarmOauthDir: '/srv/oauth', wikifarmTemplate: '/srv/template' },
    ...{ wikiRootHost: 'wikis.example.org', wikiDbHost: 'db.example.org:3307', wikiDbAdminUser: 'root' },
    ...{ wikiDbAdminPassword: 'of the administrator', wikifarmInstance: 'mediawiki' },
  }
  return loadConfig({ defaults: { ...farm, ...settings }, env: { HOME: '/home/ada' } })
}

test.each([
  [{}, 'docker'],
  [{ wikifarmRunner: 'host' }, 'host'],
  [
    { portainerEndpoint: 'https://p.example/api/endpoints/1/docker', portainerKey: 'long-enough' },
    'portainer',
  ],
] as const)('the settings %j mean the runner %s', async (settings, kind) => {
  await using runner = configuredRunner(config(settings), user)
  expect(runner.kind).toBe(kind)
})

test('what cannot be used is told by its setting', () => {
  const portainer = {
    portainerEndpoint: 'http://p.example/api/endpoints/1/docker',
    portainerKey: 'long-enough',
  }
  const making = (settings: Readonly<Record<string, string>>) => () =>
    configuredRunner(config(settings), user)
  expect(making(portainer)).toThrow(SetupError)
  expect(making(portainer)).toThrow(/^portainer-endpoint: .*https/)
  const secure = { ...portainer, portainerEndpoint: 'https://p.example/api/endpoints/1/docker' }
  expect(making({ ...secure, portainerCa: '/nowhere/ca.pem' })).toThrow(
    new SetupError('portainer-ca: /nowhere/ca.pem cannot be read (ENOENT).'),
  )
  const off = loadConfig({ defaults: {}, env: { HOME: '/home/ada' } })
  expect(() => configuredRunner(off, user)).toThrow(/^wikifarm-dir is missing/)
  expect(() => databaseServer(off)).toThrow(/^wiki-db-host is missing/)
})

test.each([
  ['db.example.org:3307', 'db.example.org', 3307],
  ['[2001:db8::1]:3306', '2001:db8::1', 3306],
  ['my_db:13306', 'my_db', 13306],
])('the administrator of %s is spoken to at %s, port %i', (wikiDbHost, host, port) => {
  expect(databaseServer(config({ wikiDbHost }))).toEqual({
    ...{ host, port, user: 'root', password: 'of the administrator' },
  })
})

test("a command's output does not hold the password of OpenSearch, and its files are beside the wikis", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-engine-'))
  try {
    const settings = { wikifarmDir: folder, wikifarmRunner: 'host', opensearchPassword: 'of-the-search' }
    await using runner = configuredRunner(config(settings), user)
    await writeFile(join(folder, 'secret'), 'asked with of-the-search\n')
    const said: string[] = []
    const { exitCode } = await runner.run(
      { id: 'a/1', folder, argv: ['cat', 'secret'], timeLimitMs: 10_000 },
      { onOutput: ({ line }) => void said.push(line), signal: new AbortController().signal },
    )
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: ['asked with [secret]'] })
    await expect(rm(join(folder, '.commands/a.1'), { recursive: true })).resolves.toBeUndefined()
  } finally {
    await rm(folder, { recursive: true })
  }
})
