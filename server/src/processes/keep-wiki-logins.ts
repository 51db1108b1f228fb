/**
 * Redis may forget its users with every start: they are made again before anybody has missed them for long. And wikis that an
 * earlier release made get users of their own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  giveSearchUsersToHost,
  hasRedisUsers,
  renewRedisUsersOfHost,
  type MediaWikiDeps,
} from '@wikistead/mediawiki'

const lookEveryMs = 3_000
/** Also for wikis that were made since, and for settings that were put into a wiki's folder. */
const renewEveryMs = 60_000

export function keepWikiLogins(
  deps: Pick<MediaWikiDeps, 'store' | 'redis' | 'openSearch' | 'search' | 'folders' | 'log'>,
  host: string,
): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  let known: ReadonlySet<string> = new Set()
  let renewAt = 0
  let told = ''
  let isAway = false
  const look = async (): Promise<void> => {
    if (performance.now() < renewAt && (await hasRedisUsers(deps, known, signal))) return
    const { own, asWikistead } = await renewRedisUsersOfHost(deps, host, signal)
    known = own
    await giveSearchUsersToHost(deps, host, signal)
    renewAt = performance.now() + renewEveryMs
    if (asWikistead.length > 0 && told !== String(asWikistead)) {
      deps.log.warn({ wikis: asWikistead }, asWikisteadTold)
    }
    told = String(asWikistead)
  }
  const keeping = (async () => {
    const isNeeded = deps.redis !== undefined || deps.openSearch !== undefined
    while (!signal.aborted && isNeeded) {
      try {
        await look()
        isAway = false
      } catch (error) {
        if (!signal.aborted && !isAway) {
          deps.log.warn(
            { err: error },
            'the wikis’ users of Redis and OpenSearch could not be looked after; it is tried again',
          )
        }
        isAway = true
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await keeping
    },
  }
}

const asWikisteadTold =
  'these wikis sign in to Redis as Wikistead does, and reach each other there: put today’s LocalSettings.php and WikiCache.php of the template into their folders'
