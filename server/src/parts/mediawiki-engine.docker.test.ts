import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { startDockerd, type TestDockerd } from '@wikistead/mediawiki/test/dockerd'
import { startPortainerStandIn } from '@wikistead/mediawiki/test/portainer-stand-in'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configuredRunner } from './mediawiki-engine.ts'
import { resolvePhpUser } from './php-user.ts'

const started = new AsyncDisposableStack()
const asRoot = process.getuid?.() === 0
let dockerd: TestDockerd
let folder: string
let wikis: string

beforeAll(async () => {
  if (!asRoot) return
  folder = await mkdtemp(join(tmpdir(), 'wikistead-engine-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  wikis = join(folder, 'wikis')
  await mkdir(join(wikis, 'ada'), { recursive: true })
  const { uid, gid } = await resolvePhpUser('www-data')
  await chown(join(wikis, 'ada'), uid, gid)
  dockerd = started.use(await startDockerd())
  await dockerd.startContainer({ name: 'farm', binds: [`${wikis}:/var/www/wikis`] })
})
afterAll(() => started.disposeAsync())

async function runIn(settings: Readonly<Record<string, string>>): Promise<string[]> {
  const engine = {
    ...{ wikifarmDir: wikis, wikifarmContainerDir: '/var/www/wikis', wikifarmInstance: 'farm' },
    ...{ wikifarmOauthDir: join(folder, 'oauth'), wikifarmTemplate: join(folder, 'template') },
    ...{ wikiRootHost: 'wikis.example', wikiDbHost: '127.0.0.1:9', wikiDbAdminUser: 'root' },
    ...{ wikiDbAdminPassword: 'any' },
  }
  const config = loadConfig({ defaults: { ...engine, ...settings }, env: { HOME: folder } })
  await using runner = configuredRunner(config, await resolvePhpUser(config.wikifarmPhpUser))
  expect(await runner.check()).toMatchObject({ ok: true })
  const said: string[] = []
  const argv = [
    'php',
    '-r',
    'echo getcwd(), "\\n", fileowner( "." ) === posix_geteuid() ? "mine" : "not mine";',
  ]
  const { exitCode } = await runner.run(
    { id: runner.kind, folder: join(wikis, 'ada'), argv, timeLimitMs: 20_000 },
    { onOutput: ({ line }) => void said.push(line), signal: new AbortController().signal },
  )
  expect(exitCode).toBe(0)
  return said
}

test.runIf(asRoot)('the settings of Docker reach the wikis where the container sees them', async () => {
  const said = await runIn({ dockerSocket: dockerd.socketPath })
  expect(said).toEqual(['/var/www/wikis/ada', 'mine'])
})

test.runIf(asRoot)('so do those of a stand-in for Portainer, whose own authority is named', async () => {
  const apiKey = 'the-key-of-this-test'
  await using portainer = await startPortainerStandIn({ socketPath: dockerd.socketPath, id: 3, apiKey })
  const settings = { portainerEndpoint: portainer.endpoint, portainerKey: apiKey }
  await expect(runIn(settings)).rejects.toThrow('ok: false')
  const portainerCa = join(folder, 'authority.pem')
  await writeFile(portainerCa, portainer.ca)
  expect(await runIn({ ...settings, portainerCa })).toEqual(['/var/www/wikis/ada', 'mine'])
})
