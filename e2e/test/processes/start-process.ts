/** A real `wikistead start` in a process of its own, over a data folder that outlives it. */
import { eventually } from '@wikistead/test/eventually'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const command = fileURLToPath(new URL('../../../cli/bin/wikistead.js', import.meta.url))

export interface StartProcess extends AsyncDisposable {
  /** What it has logged so far. */
  readonly log: readonly Record<string, unknown>[]
  /** Process groups of its children. */
  readonly children: { readonly temporal: number; readonly farm: number | undefined }
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** Resolves when its API is up. */
export async function startProcess(
  dataFolder: string,
  temporalCli: string,
  flags: readonly string[] = [],
): Promise<StartProcess> {
  const child = spawn(
    process.execPath,
    [
      ...[
        command,
        'start',
        `--data-folder=${dataFolder}`,
        '--log-level=warn',
        `--temporal-cli=${temporalCli}`,
      ],
      ...['--port=0', '--temporal-port=0', '--fedwiki-farm-port=0', '--console=false', ...flags],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { HOME: dataFolder, PATH: '/usr/bin:/bin' } },
  )
  const log: Record<string, unknown>[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    process.stdout.write(`${line}\n`)
    log.push(JSON.parse(line) as Record<string, unknown>)
  })
  const gone = once(child, 'exit')
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await gone
  }
  const running = await eventually(async () => {
    expect(child.exitCode).toBeNull()
    const found = JSON.parse(await readFile(join(dataFolder, 'running.json'), 'utf8')) as {
      pid: number
      api: string
    }
    // A killed one leaves its file behind.
    expect(found.pid).toBe(child.pid)
    return found
  })
  const token = (await readFile(join(dataFolder, 'bootstrap-token'), 'utf8')).trim()
  return {
    log,
    children: {
      temporal: (await recordedPid(join(dataFolder, 'temporal/temporal.pid'))) ?? 0,
      farm: await recordedPid(join(dataFolder, 'fedwiki-farm/farm.log.pid')),
    },
    async call(method, path, body) {
      const answer = await fetch(running.api + path, {
        method,
        headers: {
          ...{ authorization: `Bearer ${token}`, prefer: 'respond-async' },
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    },
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}

async function recordedPid(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { pid: number }).pid
}

/** Whether any process of the group lives. */
export function groupLives(pid: number): boolean {
  try {
    return process.kill(-pid, 0)
  } catch {
    return false
  }
}
