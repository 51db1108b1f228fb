/** Several processes over one store and one Temporal: what each knows of the others, and what follows from it. */
import { eventually } from '@wikistead/test/eventually'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { createServer, connect, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { InstanceList } from '@wikistead/contracts'
import { createLogger, runApi, runWorkerAlone, type WorkerExtras } from '@wikistead/server'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { startWorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let stack: Stack
let temporal: CuttableDoor

beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      ...{ farmUrl: farm.url, run: ['api'] },
      settings: {
        'wikifarm-dir': '/nonexistent/wikis',
        ...{ 'wikifarm-oauth-dir': '/nonexistent/keys', 'wikifarm-template': '/nonexistent/template' },
        ...{ 'wiki-root-host': 'wikis.example', 'wikifarm-runner': 'docker' },
        ...{ 'wikifarm-instance': 'none', 'wiki-db-host': '127.0.0.1:1', 'wiki-db-admin-user': 'nobody' },
        ...{ 'wiki-db-admin-password': 'nothing', 'wikifarm-php-user': '1:1' },
      },
    }),
  )
  temporal = started.use(await openDoor(stack.temporal.address))
})
afterAll(() => started.disposeAsync())

/** The stack's settings, as on a machine of its own. */
async function flagsOf(machine: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const folder = join(stack.folder, machine)
  const bundle = inject('workflowBundlePath')
  await mkdir(join(folder, 'cache'), { recursive: true, mode: 0o700 })
  await copyFile(bundle, join(folder, 'cache', basename(bundle)))
  const own: Record<string, string> = { 'data-folder': folder, ...more }
  return [
    ...stack.flags.filter((flag) => !Object.keys(own).some((name) => flag.startsWith(`--${name}=`))),
    ...Object.entries(own).map(([name, value]) => `--${name}=${value}`),
  ]
}

async function configOf(machine: string, more: Readonly<Record<string, string>> = {}) {
  const flags = (await flagsOf(machine, more)).map((flag): [string, string] => {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(flag) ?? []
    return [name, value]
  })
  return loadConfig({ flags: Object.fromEntries(flags), env: {} })
}

const environment = { env: {}, logger: createLogger('silent') }

const startHost = async (machine: string, name: string, more: Readonly<Record<string, string>> = {}) =>
  runWorkerAlone(await configOf(machine, more), environment, {}, name)

async function instances(query = ''): Promise<InstanceList> {
  const { body } = await stack.call('GET', `/v1/instances${query}`)
  return InstanceList.parse(body)
}

test('processes are listed with where they run, until they end', async () => {
  const { instances: before, builds } = await instances()
  expect(before).toMatchObject([{ role: 'api', state: 'alive', address: stack.url, worker: null }])
  expect(builds).toEqual([`${before[0]?.version ?? ''} (${before[0]?.build ?? ''})`])
  const host = await startHost('a', 'attic')
  const { instances: during } = await instances()
  expect(during).toContainEqual(expect.objectContaining({ role: 'host', host: 'attic', state: 'alive' }))
  await host[Symbol.asyncDispose]()
  expect((await instances()).instances.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect((await instances('?all=1')).instances).toContainEqual(
    expect.objectContaining({ host: 'attic', state: 'ended', ended_at: expect.any(String) as string }),
  )
})

test('a host that lives is refused to a second machine, and free again when the first has ended', async () => {
  const first = await startHost('a', 'cellar')
  const [one] = (await instances()).instances.filter(({ host }) => host === 'cellar')
  const refusal = startHost('b', 'cellar')
  await expect(refusal).rejects.toThrow('Host cellar is')
  await expect(refusal).rejects.toThrow(one?.worker ?? '')
  await expect(refusal).rejects.toMatchObject({ name: 'SetupError' })
  await first[Symbol.asyncDispose]()
  await using _second = await startHost('b', 'cellar')
})

test('a host that was killed comes back at once over its own data folder, and nowhere else', async () => {
  const flags = [...(await flagsOf('killed')), '--host=garage']
  await using killed = await startWorkerProcess(flags)
  await killed.kill()
  await expect(startHost('b', 'garage')).rejects.toThrow('Host garage is')
  await using _again = await startHost('killed', 'garage')
  const { instances: all } = await instances('?all=1')
  expect(all.filter(({ host }) => host === 'garage').map(({ state }) => state)).toEqual(['alive', 'ended'])
})

test('a host that Temporal does not reach is not alive, and is again when it does', async () => {
  const far = { 'temporal-address': temporal.address }
  await using _host = await startHost('far', 'far', far)
  const seen = async () => (await stack.store.hosts.list()).find(({ host }) => host === 'far')
  const state = async () => (await instances()).instances.find(({ host }) => host === 'far')?.state
  expect(await state()).toBe('alive')
  temporal.cut()
  await eventually(async () => expect(await state()).toBe('without_temporal'))
  // It says itself that it lives, and as a host it is silent.
  const before = await seen()
  const beats = async () => (await stack.store.instances.list()).find(({ host }) => host === 'far')?.seen_at
  const beat = await beats()
  await eventually(async () => expect(await beats()).toBeGreaterThan(beat ?? 0))
  expect((await seen())?.seen_at).toBe(before?.seen_at)
  temporal.mend()
  await eventually(async () => expect(await state()).toBe('alive'))
  await eventually(async () => expect((await seen())?.seen_at).toBeGreaterThan(before?.seen_at ?? 0))
})

test('of many workers one keeps house, and another goes on when it ends', async () => {
  const housekeeping = { leaseMs: 2_000, reconcileEveryMs: 100, sweepEveryMs: 100 }
  const holder = () => stack.store.leases.holder('housekeeping')
  const startWorker = async (machine: string, extras: WorkerExtras = { housekeeping }) =>
    runWorkerAlone(await configOf(machine), environment, extras)
  const killed = await startWorkerProcess(await flagsOf('keeper'))
  await eventually(async () => expect(await holder()).toBeDefined())
  const first = await holder()
  await using one = await startWorker('one')
  await using two = await startWorker('two')
  expect(await holder()).toBe(first)
  await killed.kill()
  await eventually(async () => {
    expect(await holder()).toBeDefined()
    expect(await holder()).not.toBe(first)
  })
  const led = await holder()
  const { instances: alive } = await instances()
  expect(alive.map(({ id }) => id)).toContain(led)
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
  expect(await holder()).toBeUndefined()
})

test('the token of a data folder acts while a process of it serves, and with the next one again', async () => {
  const config = await configOf('other-api')
  const file = join(config.dataFolder, 'bootstrap-token')
  const ask = async (url: string, token: string) =>
    (await stack.call('GET', '/v1/users/me', undefined, { url, token })).status
  const api = await runApi(config, environment)
  const token = await readFile(file, 'utf8')
  expect([await ask(api.url, token), await ask(stack.url, token)]).toEqual([200, 200])
  const tokens = await stack.store.tokens.of(1)
  expect(tokens.filter(({ label }) => label === 'bootstrap')).toHaveLength(2)
  for (const { expires_at: until } of tokens) expect(until).not.toBeNull()
  await api[Symbol.asyncDispose]()
  expect(await ask(stack.url, token)).toBe(401)
  // Nothing of another data folder's.
  expect(await ask(stack.url, stack.token)).toBe(200)
  await using again = await runApi(config, environment)
  expect(await readFile(file, 'utf8')).toBe(token)
  expect(await ask(again.url, token)).toBe(200)
})

interface CuttableDoor extends AsyncDisposable {
  readonly address: string
  cut(): void
  mend(): void
}

/** Another way to an address, which can be cut: connections stand, and nothing comes through. */
async function openDoor(address: string): Promise<CuttableDoor> {
  const [host, port] = address.split(':')
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((near) => {
    const far = connect(Number(port), host)
    for (const each of [near, far]) {
      sockets.add(each)
      each.on('error', () => each.destroy())
      each.on('close', () => {
        sockets.delete(each)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
    if (isCut) for (const each of [near, far]) each.pause()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port: own } = server.address() as { port: number }
  return {
    address: `127.0.0.1:${String(own)}`,
    cut() {
      isCut = true
      for (const each of sockets) each.destroy()
    },
    mend() {
      isCut = false
      for (const each of sockets) each.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const each of sockets) each.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
