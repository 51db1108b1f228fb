/** A PHP for each user that wikis run as: the common one from the start, another's when a wiki of theirs is first asked for. */
import { join } from 'node:path'
import { Pool } from 'undici'
import { startPhpPool, type PhpPoolOptions } from './php-pool.ts'

export interface PhpByUserOptions extends PhpPoolOptions {
  /** Whom a wiki's PHP runs as; `phpUser` when left out. Asked on every request. */
  readonly phpUserOf?: (slug: string) => Promise<PhpPoolOptions['phpUser']>
  /** How long MediaWiki may stay silent; default 120,000. */
  readonly answerTimeoutMs?: number
}

export interface PhpByUser extends AsyncDisposable {
  /** Connections to the PHP of this wiki. @throws Error when that does not start */
  poolOf(slug: string): Promise<Pool>
}

/** Of a user who has few wikis. */
const workersOfOne = 2

export async function startPhpByUser(options: PhpByUserOptions): Promise<PhpByUser> {
  const { phpUser, phpUserOf, stateFolder, answerTimeoutMs = 120_000 } = options
  await using started = new AsyncDisposableStack()
  let running = started
  const begin = async (own: Pick<PhpPoolOptions, 'phpUser' | 'workers' | 'stateFolder'>): Promise<Pool> => {
    const php = running.use(await startPhpPool({ ...options, ...own }))
    // No more connections than workers: each worker has a queue of its own, and one may stall while others idle.
    const pool = new Pool(`http://127.0.0.1:${String(php.port)}`, {
      connections: php.workers,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    })
    running.defer(() => pool.destroy())
    return pool
  }
  const common = await begin({ stateFolder })
  const others = new Map<number, Promise<Pool>>()
  running = started.move()
  return {
    async poolOf(slug) {
      const user = await phpUserOf?.(slug)
      if (user === undefined || user.uid === phpUser?.uid) return common
      const { uid } = user
      const known = others.get(uid)
      if (known !== undefined) return known
      const begun = begin({
        ...{ phpUser: user, workers: workersOfOne },
        stateFolder: join(stateFolder, `user-${String(uid)}`),
      })
      others.set(uid, begun)
      // The next request tries again.
      begun.catch(() => others.delete(uid))
      return begun
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
