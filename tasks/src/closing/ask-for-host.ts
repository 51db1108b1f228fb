/** Whether a host is at work: what waits for one that lives waits on, however long the queue is. */
import type { Store } from '@wikistead/store'

/** A host beats every five seconds. */
const silentMs = 20_000

export function askForHost({ store }: { readonly store: Store }) {
  return async ({ host }: { readonly host: string }): Promise<'alive' | 'silent'> => {
    const row = await store.hosts.find(host)
    return row !== undefined && row.seen_at > store.now() - silentMs ? 'alive' : 'silent'
  }
}
