/** A private MariaDB: its own data, socket and port, no service of the system. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chooseFreePort, superviseChild } from '@wikistead/processes'
import { createConnection } from 'mysql2/promise'
import { setTimeout as sleep } from 'node:timers/promises'

const run = promisify(execFile)
const PATH = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin`

/** root has no password. Started again on a folder, it has what it had; on a port that is named, its clients find it. */
export async function startMariadb(folder: string, on?: number, options: readonly string[] = []) {
  const data = join(folder, 'data')
  const socketPath = join(folder, 'mariadb.sock')
  // A server that starts deletes the temporary tables of every other that has the same folder for them.
  const env = { PATH, TMPDIR: join(folder, 'tmp') }
  await mkdir(env.TMPDIR, { recursive: true })
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  if (!existsSync(data)) {
    await run(
      'mariadb-install-db',
      [
        '--no-defaults',
        ...user,
        `--datadir=${data}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ],
      { env },
    )
  }
  const port = on ?? (await chooseFreePort('127.0.0.1'))
  const child = await superviseChild({
    name: 'MariaDB',
    command: 'mariadbd',
    args: [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      `--socket=${socketPath}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-log-bin',
      // Test data must outlive a kill, but need not outlive a power cut.
      '--innodb-flush-log-at-trx-commit=2',
      '--max-connections=500',
      ...options,
    ],
    env,
    logFile: join(folder, 'mariadb.log'),
    ready: async (signal) => {
      for (; ; await sleep(50, undefined, { signal })) {
        const connection = await createConnection({ socketPath, user: 'root' }).catch(() => undefined)
        if (connection !== undefined) return connection.end()
      }
    },
  })
  return {
    ...{ port, socketPath },
    get state() {
      return child.state
    },
    [Symbol.asyncDispose]: () => child.stop(),
  }
}
