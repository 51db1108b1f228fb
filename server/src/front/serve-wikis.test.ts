import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { loadConfig } from '@wikistead/config'
import { SetupError } from '@wikistead/processes'
import { openStore } from '@wikistead/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../parts/log.ts'
import { runFront } from './run-front.ts'

const loopback = { host: '127.0.0.1', port: 0 }
const logger = createLogger('silent')
const started = new AsyncDisposableStack()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-front-'))
  await chmod(folder, 0o755)
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
})
afterAll(() => started.disposeAsync())

async function farm(name: string, settings: Readonly<Record<string, string>> = {}) {
  const wikifarmDir = join(folder, name)
  await mkdir(wikifarmDir, { recursive: true })
  const engine = {
    ...{ wikifarmDir, wikifarmOauthDir: join(folder, 'oauth'), wikifarmTemplate: join(folder, 'template') },
    ...{ wikiRootHost: 'wikis.example', wikiDbHost: '127.0.0.1:9', wikiDbAdminUser: 'root' },
    ...{ wikiDbAdminPassword: 'any', wikifarmRunner: 'host', dataFolder: join(folder, `${name}-data`) },
  }
  return loadConfig({ defaults: { ...engine, ...settings }, env: {} })
}

/** In the store, with this status. */
async function makeStore(filename: string, slug: string): Promise<void> {
  await mkdir(join(filename, '..'), { recursive: true })
  await using store = await openStore({ engine: 'sqlite', filename })
  await store.transaction(async ({ users, wikis }) => {
    const owner = await users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' })
    await wikis.insert({
      ...{ engine: 'mediawiki', address: slug, name: slug, status: 'active', visibility: 'public' },
      ...{ customDomain: false, taskId: null },
      ...{ ownerId: owner.user_id, ownerSubject: 'ada', ownerName: 'Ada' },
    })
  })
}

async function get(port: number, host: string): Promise<{ status: number | undefined; body: string }> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/wiki/Main',
    headers: { host },
    agent: false,
  }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer) }
}

const environment = { env: { PATH: process.env['PATH'] }, logger }
const asRoot = process.getuid?.() === 0

test("a wiki of the store is served by PHP as PHP's user, here with a stand-in for MediaWiki", async () => {
  const config = await farm('wikis', { wikifarmPhpUser: '65534:65534' })
  if (config.storeUrl.engine === 'sqlite') await makeStore(config.storeUrl.filename, 'ada')
  const wiki = join(folder, 'wikis/ada')
  await mkdir(wiki)
  await writeFile(join(wiki, 'LocalSettings.php'), '<?php')
  const tellUser = `<?php $file = tmpfile(); echo 'served as ' . fstat( $file )['uid'] . ':' . fstat( $file )['gid'];`
  await writeFile(join(wiki, 'index.php'), tellUser)
  {
    await using front = await runFront(config, environment, loopback)
    const owner = asRoot ? '65534:65534' : `${String(process.getuid?.())}:${String(process.getgid?.())}`
    expect(await get(front.port, 'ada.wikis.example')).toEqual({ status: 200, body: `served as ${owner}` })
    const unknown = await get(front.port, 'bob.wikis.example')
    expect(unknown.status).toBe(404)
    expect(unknown.body).toContain('There is no wiki here')

    const second = runFront(config, environment, loopback)
    await expect(second).rejects.toThrow(SetupError)
    await expect(second).rejects.toThrow('serves the wikis')
    expect((await get(front.port, 'ada.wikis.example')).status).toBe(200)
    await front.close()
    await front.close()
  }
  await using again = await runFront(config, environment, loopback)
  expect((await get(again.port, 'ada.wikis.example')).status).toBe(200)
})

test('what is in the way is said with its mend, and nothing is left running', async () => {
  const off = loadConfig({ defaults: { dataFolder: join(folder, 'off-data') }, env: {} })
  const config = await farm('other')
  const noStore = runFront(config, environment, loopback)
  await expect(noStore).rejects.toThrow(SetupError)
  await expect(noStore).rejects.toThrow(/is not there yet: let `wikistead start` or `api` run first/)
  for (const { storeUrl } of [config, off]) {
    if (storeUrl.engine === 'sqlite') await makeStore(storeUrl.filename, 'ada')
  }
  await expect(runFront(off, environment, loopback)).rejects.toThrow('set wikifarm-dir')

  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const { port } = taken.address() as AddressInfo
  try {
    const blocked = runFront(config, environment, { host: '127.0.0.1', port })
    await expect(blocked).rejects.toThrow(SetupError)
    await expect(blocked).rejects.toThrow(`127.0.0.1:${String(port)} (EADDRINUSE)`)
  } finally {
    taken.close()
  }
  const empty = { ...environment, env: { PATH: folder } }
  await expect(runFront(config, empty, loopback)).rejects.toThrow('apt-get install php-cli')
  if (asRoot) {
    await chmod(folder, 0o700)
    await expect(runFront(config, environment, loopback)).rejects.toThrow("PHP's user cannot walk to")
    await chmod(folder, 0o755)
  }
  // The lock was let go each time.
  await using front = await runFront(config, environment, loopback)
  expect(front.port).toBeGreaterThan(0)
})
