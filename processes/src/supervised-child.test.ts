import { eventually } from '@wikistead/test/eventually'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startOfProcess } from './pid-file.ts'
import { superviseChild, type ChildOptions, type ChildState } from './supervised-child.ts'

let folder: string
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'supervised-child-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => started.disposeAsync())

const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

/** A child of the shell: `script` writes `$FOLDER/up` when it is ready. */
function shell(script: string, more: Partial<ChildOptions> = {}): ChildOptions {
  return {
    name: 'the child',
    command: 'sh',
    args: ['-c', script],
    env: { ...env, FOLDER: folder },
    logFile: join(folder, 'log', 'child.log'),
    ready: (signal) => untilWritten('up', signal),
    readyTimeoutMs: 10_000,
    ...more,
  }
}

async function untilWritten(file: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await stat(join(folder, file)).catch(() => undefined)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const numberIn = async (file: string) => Number(await readFile(join(folder, file), 'utf8'))

/** A zombie that init has yet to reap does not run. */
const runs = (pid: number) => startOfProcess(pid) !== undefined

async function supervise(options: ChildOptions) {
  return started.use(await superviseChild(options))
}

describe('a supervised child', () => {
  test('is ready with its real pid, logs privately, and stops with everything it started', async () => {
    const child = await supervise(
      shell('echo hello; sleep 1000 & echo $! >$FOLDER/grandchild; echo $$ >$FOLDER/up; wait'),
    )
    expect(child.state).toEqual({ kind: 'ready', pid: await numberIn('up'), restarts: 0 })
    const log = join(folder, 'log', 'child.log')
    expect(await readFile(log, 'utf8')).toBe('hello\n')
    expect((await stat(log)).mode & 0o777).toBe(0o600)
    const grandchild = await numberIn('grandchild')
    expect(runs(grandchild)).toBe(true)
    await child.stop()
    await child.stop()
    expect(child.state).toEqual({ kind: 'stopped', restarts: 0, lastExit: 'signal SIGTERM' })
    await eventually(() => expect(runs(grandchild)).toBe(false))
  })

  test('that ignores SIGTERM is killed after the grace', async () => {
    const child = await supervise(
      shell(`trap '' TERM; echo >$FOLDER/up; while true; do sleep 0.1; done`, { stopGraceMs: 300 }),
    )
    await child.stop()
    expect(child.state.lastExit).toBe('signal SIGKILL')
  })

  test('inherits nothing from the environment', async () => {
    process.env['NOT_FOR_CHILDREN'] = 'secret'
    await supervise(shell('env; echo >$FOLDER/up; exec sleep 1000'))
    delete process.env['NOT_FOR_CHILDREN']
    expect(await readFile(join(folder, 'log', 'child.log'), 'utf8')).not.toContain('secret')
  })

  test('killed three times is three times started again, and tells each change', async () => {
    const changes: ChildState[] = []
    const child = await supervise(
      shell('echo $$ >$FOLDER/up; exec sleep 1000', { onChange: (state) => changes.push(state) }),
    )
    const pids = new Set([child.state.pid])
    for (let kill = 1; kill <= 3; kill++) {
      process.kill(child.state.pid as number, 'SIGKILL')
      await eventually(() =>
        expect(child.state).toMatchObject({ kind: 'ready', restarts: kill, lastExit: 'signal SIGKILL' }),
      )
      pids.add(child.state.pid)
    }
    expect(pids.size).toBe(4)
    expect(changes.slice(0, 4).map(({ kind, restarts }) => [kind, restarts])).toEqual([
      ['starting', 0],
      ['ready', 0],
      ['restarting', 0],
      ['restarting', 1],
    ])
  })

  test('is tried again for as long as it fails to come back', async () => {
    const child = await supervise(
      shell('[ -e $FOLDER/broken ] && exit 3; echo $$ >$FOLDER/up; exec sleep 1000'),
    )
    await writeFile(join(folder, 'broken'), '')
    await rm(join(folder, 'up'))
    process.kill(child.state.pid as number, 'SIGKILL')
    await eventually(() =>
      expect(child.state).toMatchObject({ kind: 'restarting', restarts: 2, lastExit: 'exit code 3' }),
    )
    await rm(join(folder, 'broken'))
    await eventually(() => expect(child.state.kind).toBe('ready'))
  })

  test('with restart off stays stopped and says how it ended', async () => {
    const child = await supervise(shell('echo >$FOLDER/up; sleep 0.2; exit 7', { restart: false }))
    await eventually(() =>
      expect(child.state).toEqual({ kind: 'stopped', restarts: 0, lastExit: 'exit code 7' }),
    )
  })

  test('can be stopped while it waits for its next start', async () => {
    const child = await supervise(shell('[ -e $FOLDER/up ] && exit 1; echo >$FOLDER/up; exec sleep 1000'))
    process.kill(child.state.pid as number, 'SIGKILL')
    await eventually(() => expect(child.state.restarts).toBe(3))
    await child.stop()
    expect(child.state.kind).toBe('stopped')
  })
})

describe('a child that never gets ready', () => {
  test('because it ends is refused with how it ended and the end of its log', async () => {
    await expect(superviseChild(shell('echo no such database >&2; exit 4'))).rejects.toThrow(
      'the child did not start: it ended with exit code 4\nno such database',
    )
  })

  test('because it says nothing is ended', async () => {
    const states: ChildState[] = []
    await expect(
      superviseChild(
        shell('exec sleep 1000', { readyTimeoutMs: 200, onChange: (state) => states.push(state) }),
      ),
    ).rejects.toThrow('no answer within 0.2 s')
    expect(runs(states[0]?.pid as number)).toBe(false)
    expect(states.at(-1)).toEqual({ kind: 'stopped', restarts: 0, lastExit: 'signal SIGTERM' })
  })

  test('because its command or its folder does not exist says so', async () => {
    await expect(superviseChild(shell('', { command: 'no-such-command' }))).rejects.toThrow(
      /no-such-command: not found/,
    )
    await expect(superviseChild(shell('', { cwd: join(folder, 'none') }))).rejects.toThrow(/ENOENT/)
  })
})

describe('when the parent is killed with SIGKILL', () => {
  /** A parent in a process of its own, whose child writes its pid to `up` and that of a grandchild. */
  async function startParent(script: string) {
    const options = shell(script)
    const program = `
      import { superviseChild } from ${JSON.stringify(new URL('supervised-child.ts', import.meta.url).href)}
      import { existsSync } from 'node:fs'
      const { up, ...options } = ${JSON.stringify({ ...options, up: join(folder, 'up') })}
      const ready = async () => { while (!existsSync(up)) await new Promise((r) => setTimeout(r, 10)) }
      await superviseChild({ ...options, ready })
      console.log('ready')`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.defer(() => void parent.kill('SIGKILL'))
    await once(parent.stdout, 'data')
    return { options, parent, pid: await numberIn('up') }
  }

  test('the child and its children end by themselves', async () => {
    const { parent, pid } = await startParent(
      'sleep 1000 & echo $! >$FOLDER/grandchild; echo $$ >$FOLDER/up; wait',
    )
    const grandchild = await numberIn('grandchild')
    parent.kill('SIGKILL')
    await eventually(() => expect([pid, grandchild].some(runs)).toBe(false))
  })

  test('a child that ignores SIGTERM ends all the same', async () => {
    const { parent, pid } = await startParent(
      `trap '' TERM; echo $$ >$FOLDER/up; while true; do sleep 0.1; done`,
    )
    parent.kill('SIGKILL')
    await eventually(() => expect(runs(pid)).toBe(false))
  })

  test('an orphan without its watch is ended by the successor before it starts its own', async () => {
    const { options, parent, pid } = await startParent('echo $$ >$FOLDER/up; exec sleep 1000')
    started.defer(() => void (runs(pid) && process.kill(pid, 'SIGKILL')))
    await killWatchOf(pid)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    expect(runs(pid)).toBe(true)
    let orphanRan: boolean | undefined
    await supervise({
      ...options,
      ready: async () => {
        orphanRan ??= runs(pid)
      },
    })
    expect(orphanRan).toBe(false)
  })

  test('a stranger that was given the recorded pid is left alone', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true })
    started.defer(() => void stranger.kill('SIGKILL'))
    const options = shell('echo >$FOLDER/up; exec sleep 1000')
    const pidFile = join(folder, 'child.pid')
    await writeFile(pidFile, JSON.stringify({ pid: stranger.pid, started: 'long ago', command: 'sleep' }))
    await supervise({ ...options, pidFile })
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null)
  })
})

test('ready is told by a signal when the time is over, so that it can let go of its socket', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  started.defer(() => void silent.closeAllConnections())
  started.defer(() => void silent.close())
  await once(silent, 'listening')
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const outcome = Promise.withResolvers<unknown>()
  const ready = async (signal: AbortSignal) => {
    await fetch(url, { signal }).catch((error: unknown) => outcome.resolve(error))
  }
  await expect(superviseChild(shell('exec sleep 1000', { ready, readyTimeoutMs: 100 }))).rejects.toThrow()
  expect(await outcome.promise).toBeInstanceOf(Error)
})

/** Kills whatever else is in the group that `pid` leads. */
async function killWatchOf(pid: number): Promise<void> {
  const list = spawn('ps', ['-eo', 'pid=,pgid='], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of list.stdout.setEncoding('utf8')) text += chunk as string
  const others = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([other, group]) => group === pid && other !== pid)
  expect(others.length).toBe(1)
  for (const [other] of others) process.kill(other as number, 'SIGKILL')
}
