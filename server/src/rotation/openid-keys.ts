/**
 * `wikistead rotate oidc-keys`: what is wanted stands in the store, and each API sees to its own keys, within a minute and at
 * the latest when somebody signs in. Nobody is signed out, and what was signed before stands until it is over.
 */
import { keysWantedNote } from '@wikistead/api'
import type { Store } from '@wikistead/store'
import { tellAudit } from './rotate-secret.ts'

/** Keys from before now are replaced. */
export async function wantOtherKeys(store: Store): Promise<void> {
  await store.settings.set(keysWantedNote, String(store.now()))
  await tellAudit(store, 'rotate begun', 'oidc-keys')
}
