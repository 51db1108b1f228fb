/** A MariaDB of the data folder's own, for wikis of a demo: only this machine's programs with its password get in. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  chooseFreePort,
  giveFolder,
  isFreePort,
  removeTree,
  runAs,
  SetupError,
  superviseChild,
  type RoomOf,
  type User,
} from '@wikistead/processes'
import { createConnection } from 'mysql2/promise'
import { keptSecret } from '../parts/kept-secret.ts'
import type { PartWatch } from '../parts/part-watch.ts'

export interface EmbeddedMariadb extends AsyncDisposable {
  readonly port: number
  readonly adminUser: string
  readonly adminPassword: string
  /** Of its process; undefined while it is being started again. */
  readonly pid: number | undefined
}

const adminUser = 'wikistead_admin'
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Resolves when it answers. Started again on a folder, it has what it had. @param user whom it runs as, where we are root */
export async function startEmbeddedMariadb(
  folder: string,
  watch: PartWatch,
  user?: User,
): Promise<EmbeddedMariadb> {
  const data = join(folder, 'data')
  const env = { PATH, TMPDIR: join(folder, 'tmp') }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user === undefined) await mkdir(env.TMPDIR, { recursive: true, mode: 0o700 })
  else {
    // It goes through here to what is its own; the rest stays ours.
    await chown(folder, -1, user.gid)
    await chmod(folder, 0o710)
    await giveFolder(env.TMPDIR, user)
  }
  const adminPassword = await keptSecret(join(folder, 'admin-password'))
  const server: Server = {
    options: ['--no-defaults', ...(user === undefined && process.getuid?.() === 0 ? ['--user=root'] : [])],
    ...{ env, as: user && { ...user, sees: [folder] } },
  }
  if (!existsSync(data)) await makeData(data, server)
  else if (user !== undefined) await giveFolder(data, user)
  // Run at every start: whoever has the file has the server.
  const initFile = join(folder, 'init.sql')
  await writeForServer(initFile, initialStatements(adminPassword), user)
  const port = await keptPort(join(folder, 'port'))
  const child = await superviseChild({
    ...{ name: 'MariaDB', command: 'mariadbd', env, logFile: join(folder, 'mariadb.log') },
    onChange: watch.child('mariadb'),
    ...(server.as && { as: server.as }),
    // Nobody knocks at its socket, which lies in its data: a whole path would be too long for the kernel in a deep folder.
    args: [
      ...[...server.options, `--datadir=${data}`, '--socket=mariadb.sock'],
      ...[`--port=${String(port)}`, '--bind-address=127.0.0.1', '--skip-log-bin', `--init-file=${initFile}`],
    ],
    ready: async (signal) => {
      for (; ; await sleep(50, undefined, { signal })) {
        const connection = await createConnection({
          ...{ host: '127.0.0.1', port, user: adminUser, password: adminPassword },
        }).catch(() => undefined)
        if (connection !== undefined) return connection.end()
      }
    },
  })
  return {
    ...{ port, adminUser, adminPassword },
    get pid() {
      return child.state.pid
    },
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

/** The same at every start: it stands in the settings of every wiki. @throws SetupError when another program has it */
async function keptPort(file: string): Promise<number> {
  const kept = Number(await readFile(file, 'utf8').catch(() => ''))
  if (kept === 0) {
    const port = await chooseFreePort('127.0.0.1')
    await writeFile(file, String(port), { mode: 0o600 })
    return port
  }
  if (await isFreePort(kept, '127.0.0.1')) return kept
  throw new SetupError(
    `Port ${String(kept)}, which the wikis’ settings name for MariaDB, is taken by another program. Stop that one.`,
  )
}

interface Server {
  readonly options: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly as: RoomOf | undefined
}

/** Whole or not at all. */
async function makeData(data: string, { options, env, as }: Server): Promise<void> {
  const making = `${data}.making`
  await removeTree(making)
  if (as !== undefined) await giveFolder(making, as)
  const command = [
    ...['mariadb-install-db', ...options, `--datadir=${making}`, '--skip-test-db'],
    '--auth-root-authentication-method=socket',
  ] as const
  if (as === undefined) await promisify(execFile)(command[0], command.slice(1), { env })
  else await runAs(as, command, { env, cwd: making })
  await rename(making, data)
}

/** Whole, for us and the server's user. */
async function writeForServer(file: string, text: string, user: User | undefined): Promise<void> {
  await rm(file, { force: true })
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  if (user === undefined) return
  await chown(file, -1, user.gid)
  await chmod(file, 0o640)
}

/** A line a statement. The password is of letters, digits, `-` and `_`. */
const initialStatements = (password: string): string =>
  [
    `CREATE USER IF NOT EXISTS ${adminUser}@'%'`,
    `ALTER USER ${adminUser}@'%' IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON *.* TO ${adminUser}@'%' WITH GRANT OPTION`,
  ]
    .map((statement) => `${statement};\n`)
    .join('')
