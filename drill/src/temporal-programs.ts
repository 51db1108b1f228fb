/**
 * Temporal's own server, whose services run apart, and the tool that makes its tables: built once with Go, from the module
 * proxy alone, and kept beside the Temporal CLI, each version in a folder of its own.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tryLock } from '@wikistead/processes'

const run = promisify(execFile)

const temporalVersion = '1.29.1'

export interface TemporalPrograms {
  readonly server: string
  readonly sqlTool: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Program → the package that it is built of. `go install` names both after their folder. */
const packages = { server: 'cmd/server', sqlTool: 'cmd/tools/sql' } as const
const builtAs = { server: 'server', sqlTool: 'sql' } as const

export async function temporalPrograms(
  env: Environment,
  say: (line: string) => void,
): Promise<TemporalPrograms> {
  const cache = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  const folder = join(cache, `temporal-server-${temporalVersion}`)
  const programs = { server: join(folder, 'temporal-server'), sqlTool: join(folder, 'temporal-sql-tool') }
  await mkdir(folder, { recursive: true })
  using _lock = await lockOf(join(folder, 'making.lock'))
  for (const name of ['server', 'sqlTool'] as const) {
    if (existsSync(programs[name])) continue
    say(`building ${packages[name]} of Temporal ${temporalVersion} with Go: minutes, once`)
    const making = join(folder, 'making')
    await rm(making, { recursive: true, force: true })
    await run('go', ['install', `go.temporal.io/server/${packages[name]}@v${temporalVersion}`], {
      env: { ...env, GOBIN: making },
      maxBuffer: 100_000_000,
    })
    await rename(join(making, builtAs[name]), programs[name])
    await rm(making, { recursive: true, force: true })
  }
  return programs
}

async function lockOf(file: string): Promise<Disposable> {
  for (;;) {
    const lock = tryLock(file)
    if (lock !== undefined) return lock
    await sleep(250)
  }
}
