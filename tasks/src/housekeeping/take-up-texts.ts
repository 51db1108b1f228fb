/**
 * Wikis are found by parts of their texts without every one being looked at, once they were taken up; the leader of the
 * housekeeping does so. It begins at the beginning each time that it begins to lead: a release that did not know of this
 * may have changed a name.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@wikistead/store'

/** Returns where the next round begins. */
export async function takeUpTexts(
  store: Store,
  after: number,
  signal?: AbortSignal,
  now = store.now(),
): Promise<number> {
  for (let place = after; ;) {
    if (signal?.aborted === true) return place
    const began = performance.now()
    const next = await store.texts.takeUp(place, now)
    if (next === undefined) return place
    place = next
    // Most of the database's time is for others.
    await sleep(4 * (performance.now() - began), undefined, { signal }).catch(() => undefined)
  }
}
