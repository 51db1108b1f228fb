/** A private PostgreSQL for Temporal: Debian's programs over a folder of the drill's, run by somebody who is not root. */
import { execFile, execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { chooseFreePort } from '@wikistead/processes'
import { accepts } from './answers.ts'
import { Process } from './mortal.ts'

const run = promisify(execFile)

export interface Postgres {
  readonly process: Process
  readonly port: number
  /** May do everything, and needs no password. */
  readonly user: string
}

const user = 'temporal'

/** `folder` is made, and must be reachable by others: its server is not root. */
export async function startPostgres(folder: string): Promise<Postgres> {
  const programs = dirname(globSync('/usr/lib/postgresql/*/bin/initdb').sort().at(-1) ?? '')
  const env = { PATH: `${programs}:/usr/bin:/bin`, LC_ALL: 'C.UTF-8' }
  const data = join(folder, 'data')
  await mkdir(folder, { recursive: true })
  const { command, args } = await asNobodySpecial(folder)
  const initdb = ['initdb', '--auth=trust', `--username=${user}`, '--no-sync', `--pgdata=${data}`]
  await run(command, [...args, ...initdb], { env, cwd: folder })
  const port = await chooseFreePort('127.0.0.1')
  const process = new Process('postgresql', {
    command,
    args: [
      ...[...args, 'postgres', '-D', data, '-p', String(port), '-k', folder],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300'],
    ],
    ...{ env, cwd: folder, logFile: join(dirname(folder), 'postgresql.log') },
    ready: accepts('127.0.0.1', port),
  })
  await process.start()
  return { process, port, user }
}

/** What stands before a command so that it does not run as root, which PostgreSQL refuses. */
async function asNobodySpecial(folder: string): Promise<{ command: string; args: string[] }> {
  if (process.getuid?.() !== 0) return { command: '/usr/bin/env', args: [] }
  const id = (what: string) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }))
  await chown(folder, id('-u'), id('-g'))
  return {
    command: 'setpriv',
    args: [`--reuid=${String(id('-u'))}`, `--regid=${String(id('-g'))}`, '--clear-groups'],
  }
}
