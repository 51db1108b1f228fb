/**
 * One PHP for all wikis of a folder: PHP's built-in server with a few workers behind `php/router.php`, as a supervised
 * child on loopback. A worker that hangs or dies is PHP's weakness here; production has php-fpm for that.
 */
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseFreePort, superviseChild, type ChildState, type RoomOf } from '@wikistead/processes'
import { request } from 'undici'
import { setTimeout as sleep } from 'node:timers/promises'
import { putOurPhp } from './our-php.ts'

export interface PhpPoolOptions {
  /** Absolute; one folder a wiki, named by its slug. */
  readonly wikisFolder: string
  /** For its log; made when missing. PHP's user must be able to get to it. */
  readonly stateFolder: string
  /** Whom PHP runs as, and the folders that it must get to; default whoever calls this. Takes root. */
  readonly phpUser?: RoomOf
  /** Requests at the same time; default 4. */
  readonly workers?: number
  /** Default `php`, found on `PATH`. */
  readonly php?: string
  /** PHP's whole environment, `PATH` among it; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Of one request, uploads too; default 100 MiB. */
  readonly maxBodyBytes?: number
  readonly onChange?: (state: ChildState) => void
}

export interface PhpPool extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number
  readonly workers: number
  readonly logFile: string
}

/** Resolves when PHP answers. @throws Error with the end of its log when it does not. */
export async function startPhpPool(options: PhpPoolOptions): Promise<PhpPool> {
  const {
    wikisFolder,
    stateFolder,
    phpUser,
    workers = 4,
    php = 'php',
    env,
    maxBodyBytes = 100 * 1024 * 1024,
  } = options
  const port = await chooseFreePort('127.0.0.1')
  const logFile = join(stateFolder, 'php.log')
  const settings = {
    display_errors: '0',
    log_errors: '1',
    expose_php: '0',
    memory_limit: '256M',
    upload_max_filesize: String(maxBodyBytes),
    post_max_size: String(maxBodyBytes),
    'opcache.memory_consumption': '256',
    'opcache.max_accelerated_files': '100000',
  }
  // PHP's user may not be let into the place that Wikistead is installed in.
  const router = join(stateFolder, 'router.php')
  await mkdir(stateFolder, { recursive: true, mode: 0o711 })
  await chmod(stateFolder, 0o711)
  await putOurPhp('router.php', router)
  const child = await superviseChild({
    name: 'PHP',
    command: php,
    args: [
      ...Object.entries(settings).flatMap(([name, value]) => ['-d', `${name}=${value}`]),
      ...['-q', '-S', `127.0.0.1:${port}`, '-t', stateFolder, router],
    ],
    cwd: stateFolder,
    env: { ...env, WIKISTEAD_WIKIS: wikisFolder, PHP_CLI_SERVER_WORKERS: String(workers) },
    logFile,
    ...(phpUser && { as: phpUser }),
    ready: (signal) => answers(port, signal),
    ...(options.onChange !== undefined && { onChange: options.onChange }),
  })
  return { port, workers, logFile, [Symbol.asyncDispose]: () => child.stop() }
}

async function answers(port: number, signal: AbortSignal): Promise<void> {
  for (; ; await sleep(25, undefined, { signal })) {
    const answer = await request(`http://127.0.0.1:${port}/`, { signal }).catch(() => undefined)
    if (answer === undefined) continue
    await answer.body.dump()
    return
  }
}
