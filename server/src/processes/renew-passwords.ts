/** The host's part of `wikistead rotate wiki-database-passwords`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { renewPasswordsOfHost, type MediaWikiDeps } from '@wikistead/mediawiki'
import { hostState, isOver, tellHostState, wantedBefore } from '../rotation/wiki-passwords.ts'

const lookEveryMs = 5_000
/** While some wikis wait, or could not be done. */
const againAfterMs = 60_000
/** A page or a script that read the old password has ended, or has its connection, by then. */
const graceMs = 600_000

export function renewPasswords(
  deps: Pick<MediaWikiDeps, 'store' | 'server' | 'folders' | 'log'>,
  host: string,
  options: { readonly lookEveryMs?: number; readonly againAfterMs?: number; readonly graceMs?: number } = {},
): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  /** What was wanted at the last round, and when the next is due. */
  let round = { before: 0, nextAt: 0 }
  const look = async (): Promise<void> => {
    const before = await wantedBefore(deps.store)
    if (before === undefined) return
    if (before === round.before && performance.now() < round.nextAt) return
    const known = await hostState(deps.store, host)
    if (known !== undefined && known.before >= before && isOver(known)) return
    const wish = { before, graceMs: options.graceMs ?? graceMs }
    round = { before, nextAt: performance.now() + (options.againAfterMs ?? againAfterMs) }
    const state = { before, ...(await renewPasswordsOfHost(deps, host, wish, signal)) }
    if (JSON.stringify(state) !== JSON.stringify(known)) await tellHostState(deps.store, host, state)
  }
  const renewing = (async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => {
        if (signal.aborted) return
        deps.log.warn({ err: error }, 'the wikis’ database passwords could not be seen to; it is tried again')
      })
      await sleep(options.lookEveryMs ?? lookEveryMs, undefined, { signal }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await renewing
    },
  }
}
