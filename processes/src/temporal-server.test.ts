import { eventually } from '@wikistead/test/eventually'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chooseFreePort } from './free-port.ts'
import { startOfProcess } from './pid-file.ts'
import { SetupError } from './setup-error.ts'
import { findTemporalCli } from './temporal-cli.ts'
import { startTemporalServer, type TemporalServerOptions } from './temporal-server.ts'

let cli: string
let folder: string
let started: AsyncDisposableStack

beforeAll(async () => {
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
}, 600_000)
beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'temporal-server-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => started.disposeAsync())

async function start(options: Partial<TemporalServerOptions> = {}) {
  return started.use(await startTemporalServer({ cli, folder: join(folder, 'temporal'), ...options }))
}

async function clientOf({ address }: { readonly address: string }) {
  const connection = await Connection.connect({ address })
  started.defer(() => connection.close())
  return new Client({ connection })
}

/** Nobody works on it: it waits in the server's file. */
async function leaveWorkflow(client: Client, workflowId: string) {
  await client.workflow.start('Untouched', { workflowId, taskQueue: 'nobody', args: [] })
}

const statusOf = async (client: Client, workflowId: string) =>
  (await client.workflow.getHandle(workflowId).describe()).status.name

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  started.defer(close)
  return { port: (server.address() as AddressInfo).port, close }
}

describe('the embedded Temporal server', () => {
  test(
    'keeps its database in its folder, whatever that is called: two of them share none',
    { timeout: 300_000 },
    async () => {
      const names = ['farm #1', 'farm #2', '?mode=memory', '%41', 'A', `it's "a"; $HOME\\ ${'x'.repeat(100)}`]
      for (const name of names) {
        const server = await start({ folder: join(folder, name) })
        await leaveWorkflow(await clientOf(server), name)
        await server.stop()
        expect(await readdir(join(folder, name))).toContain('temporal.db')
      }
      expect((await readdir(folder)).toSorted()).toEqual(names.toSorted())
      const again = await start({ folder: join(folder, 'A') })
      const client = await clientOf(again)
      expect(await statusOf(client, 'A')).toBe('RUNNING')
      await expect(statusOf(client, '%41')).rejects.toThrow(/not found/)
    },
  )

  test('keeps closed workflows for thirty days', async () => {
    const { workflowService } = (await clientOf(await start())).connection
    const { config } = await workflowService.describeNamespace({ namespace: 'default' })
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60)
  })

  test('killed with SIGKILL comes back at the same address with its workflows', async () => {
    const server = await start()
    const client = await clientOf(server)
    await leaveWorkflow(client, 'survivor')
    const { pid } = server.state
    process.kill(pid as number, 'SIGKILL')
    await eventually(() => expect(server.state).toMatchObject({ kind: 'ready', restarts: 1 }))
    expect(server.state.pid).not.toBe(pid)
    expect(await statusOf(await clientOf(server), 'survivor')).toBe('RUNNING')
  })

  test('stopped and started again uses the same port and the same file', async () => {
    const first = await start()
    await leaveWorkflow(await clientOf(first), 'survivor')
    await first.stop()
    expect(startOfProcess(first.state.pid ?? 0)).toBe(undefined)
    const second = await start()
    expect(second.address).toBe(first.address)
    expect(await statusOf(await clientOf(second), 'survivor')).toBe('RUNNING')
  })

  test('ends when its parent is killed, and the next parent goes on from its file', async () => {
    const program = `
      import { startTemporalServer } from ${JSON.stringify(new URL('temporal-server.ts', import.meta.url).href)}
      const server = await startTemporalServer(${JSON.stringify({ cli, folder: join(folder, 'temporal') })})
      console.log(JSON.stringify({ address: server.address, pid: server.state.pid }))`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.defer(() => void parent.kill('SIGKILL'))
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
    const orphan = JSON.parse(line) as { address: string; pid: number }
    await leaveWorkflow(await clientOf(orphan), 'survivor')
    parent.kill('SIGKILL')
    await once(parent, 'exit')

    const server = await start()
    expect(startOfProcess(orphan.pid)).toBe(undefined)
    expect(server.address).toBe(orphan.address)
    expect(await statusOf(await clientOf(server), 'survivor')).toBe('RUNNING')
  })

  test('has its folder to itself', async () => {
    const server = await start()
    const second = startTemporalServer({ cli, folder: join(folder, 'temporal') })
    await expect(second).rejects.toThrow(SetupError)
    await expect(second).rejects.toThrow(/in use by the process with pid/)
    expect(server.state).toMatchObject({ kind: 'ready', restarts: 0 })
  })

  test('that does not start says so with the end of its log, and frees its folder', async () => {
    const broken = join(folder, 'broken-temporal')
    await writeFile(broken, '#!/bin/sh\necho "disk full" >&2; exit 1', { mode: 0o755 })
    await expect(start({ cli: broken })).rejects.toThrow(
      'the Temporal server did not start: it ended with exit code 1\ndisk full',
    )
    await start()
  })
})

describe('a port taken by somebody else', () => {
  test('is refused when it was asked for', async () => {
    const { port } = await listenOn(0)
    await expect(start({ port })).rejects.toThrow(
      `port ${port}, wanted for Temporal, is taken by another program; find it with "ss -ltnp sport = :${port}"`,
    )
  })

  test('is given up for another, with a note, when it was only the one of the last time', async () => {
    const first = await start()
    await first.stop()
    const before = Number(first.address.split(':')[1])
    await listenOn(before)
    const notes: string[] = []
    const second = await start({ onNote: (line) => notes.push(line) })
    expect(second.address).not.toBe(first.address)
    expect(notes).toEqual([expect.stringContaining(`port ${before}, Temporal's until now, is taken`)])
    await leaveWorkflow(await clientOf(second), 'works')
  })

  test('by another Temporal while ours was down is never mistaken for ours', async () => {
    const slowSecondStart = join(folder, 'slow-temporal')
    await writeFile(
      slowSecondStart,
      `#!/bin/sh\n[ -e ${folder}/go ] || exec ${cli} "$@"
      while [ ! -e ${folder}/stranger-up ]; do /bin/sleep 0.05; done; exec ${cli} "$@"`,
      { mode: 0o755 },
    )
    const port = await chooseFreePort('127.0.0.1')
    const kinds: string[] = []
    const ours = await start({ cli: slowSecondStart, port, onChange: ({ kind }) => kinds.push(kind) })
    await leaveWorkflow(await clientOf(ours), 'ours')
    await writeFile(join(folder, 'go'), '')
    process.kill(ours.state.pid as number, 'SIGKILL')
    await eventually(() => expect(ours.state).toMatchObject({ kind: 'restarting', restarts: 1 }))

    const stranger = await start({ folder: join(folder, 'stranger'), port })
    await writeFile(join(folder, 'stranger-up'), '')
    await eventually(() => expect(ours.state.restarts).toBeGreaterThan(2))
    expect(kinds.filter((kind) => kind === 'ready')).toHaveLength(1)
    await stranger.stop()
    await eventually(() => expect(ours.state.kind).toBe('ready'))
    expect(await statusOf(await clientOf(ours), 'ours')).toBe('RUNNING')
  })
})
