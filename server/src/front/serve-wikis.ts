/** The front of the MediaWiki wikis, for demos and development: each at its own address, as the store knows it. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Config } from '@wikistead/config'
import { phpUserOf, type FileOwner } from '@wikistead/mediawiki'
import { serveMediaWiki, type Front } from '@wikistead/mediawiki-template'
import { runAs, SetupError, tryLock, type RoomOf } from '@wikistead/processes'
import type { Store } from '@wikistead/store'
import type { PartWatch } from '../parts/part-watch.ts'
import { wikiStatus } from './wiki-status.ts'
import { phpRoom } from '../parts/php-room.ts'
import { resolvePhpUsers } from '../parts/php-user.ts'

export interface WikisFront {
  /** Only read. */
  readonly store: Store
  readonly listen: {
    readonly host: string
    /** 0 for a free one. */
    readonly port: number
  }
  readonly watch: PartWatch
  /** Where `php` is looked for; default the system's folders. */
  readonly path?: string | undefined
}

/**
 * PHP runs as the user that the settings name when this process is root, else as this process' own. One front a folder
 * of wikis: its log is in `.front` there, which is no slug, so no web server's.
 *
 * @throws SetupError when the MediaWiki engine is off, PHP is missing, the address is taken, or another front runs
 */
export async function serveWikis(
  config: Config,
  { store, listen, watch, path = systemPath }: WikisFront,
): Promise<Front> {
  const { wikifarmDir: wikisFolder, wikiRootHost: rootHost } = config
  if (wikisFolder === undefined || rootHost === undefined) {
    throw new SetupError('The MediaWiki engine is off: set wikifarm-dir, and what else it needs.')
  }
  const env = { PATH: path, LANG: 'C.UTF-8' }
  const phpUsers = process.getuid?.() === 0 ? await resolvePhpUsers(config) : undefined
  const roomOf = (user: FileOwner) => phpRoom(config, user, [wikisFolder])
  const stateFolder = join(wikisFolder, '.front')
  await mkdir(stateFolder, { recursive: true, mode: 0o711 })
  await requirePhp(env, wikisFolder, phpUsers && roomOf(phpUsers.common))
  await using opened = new AsyncDisposableStack()
  const lock = tryLock(join(stateFolder, 'lock'))
  if (lock === undefined) throw new SetupError(`Another process serves the wikis of ${wikisFolder} already.`)
  opened.use(lock)
  const { port } = opened.use(
    await serveMediaWiki({
      ...{ listen, rootHost, wikisFolder, stateFolder, env },
      ...(phpUsers !== undefined && {
        phpUser: roomOf(phpUsers.common),
        phpUserOf: async (slug: string) => roomOf(await phpUserOf(phpUsers, join(wikisFolder, slug))),
      }),
      status: (slug) => wikiStatus(store, slug),
      onChange: watch.child('php'),
    }).catch((error: unknown) => {
      throw cannotListen(error, listen) ?? error
    }),
  )
  opened.use(
    watch.has(async () => ({
      ...{ part: 'mediawiki front', ok: true, detail: `serves the wikis at ${listen.host}:${String(port)}` },
    })),
  )
  const running = opened.move()
  const close = () => running.disposeAsync()
  return { port, close, [Symbol.asyncDispose]: close }
}

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** That it is there, and that its user can walk to the wikis. */
async function requirePhp(
  env: Readonly<Record<string, string>>,
  folder: string,
  room?: RoomOf,
): Promise<void> {
  const look = 'exit( extension_loaded( "mysqli" ) ? ( is_dir( $argv[1] ) ? 0 : 3 ) : 1 );'
  const command = ['php', '-r', look, folder] as const
  try {
    if (room !== undefined) await runAs(room, command, { env })
    else await promisify(execFile)(command[0], command.slice(1), { cwd: '/', env })
  } catch (error) {
    throw new SetupError(
      (error as { code?: unknown }).code === 3
        ? `PHP's user cannot walk to ${folder}: let it, with chmod o+x on that folder and those above it.`
        : 'PHP with mysqli is missing here; on Debian: apt-get install php-cli php-mysql php-intl php-mbstring php-xml',
    )
  }
}

function cannotListen(error: unknown, { host, port }: WikisFront['listen']): SetupError | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined
  const place = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
  return new SetupError(
    `The wikis cannot be served at ${place} (${code ?? 'unknown'}): name another HOST:PORT.`,
  )
}
