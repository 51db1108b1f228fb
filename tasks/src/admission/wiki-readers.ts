/**
 * Who reads a private wiki is in the wiki's own database and nowhere else: it is asked there, and changed there, by the wiki's
 * host. What is asked stands in the store, under a key of which Temporal learns nothing else.
 */
import { randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import {
  Refusal,
  type WikiReadersAsk,
  type WikiReadersInput,
  type WikiReadersOutput,
} from '@wikistead/contracts'
import type { Store, WikiRow } from '@wikistead/store'
import { askHost } from './ask-host.ts'
import { refuseSuspended } from './refuse-suspended.ts'

const patienceMs = 25_000

/**
 * @throws Refusal `readers_not_kept`, `wiki_suspended`, `hub_account_not_found`, `reader_stays`, `host_away`, `engine_unavailable`,
 * `temporal_unavailable`
 */
export async function askReaders(
  { store, client }: { readonly store: Store; readonly client: Client },
  wiki: WikiRow,
  ask: WikiReadersAsk,
): Promise<WikiReadersOutput> {
  const host = requireReadersKept(wiki)
  const { wiki_id: wikiId, address: slug } = wiki
  const key = randomBytes(32).toString('base64url')
  await store.once.keep('wiki_readers', key, { lifetimeMs: patienceMs, detail: { slug, ask } })
  const input: WikiReadersInput = { slug, host, key }
  return askHost<WikiReadersOutput>(client, {
    ...{ workflow: 'WikiReadersWorkflow', id: `wiki-readers/${String(wikiId)}`, input, patienceMs },
  })
}

/** The host that keeps them. @throws Refusal `readers_not_kept`, `wiki_suspended` */
export function requireReadersKept(wiki: WikiRow): string {
  refuseSuspended(wiki)
  const { engine, address, visibility, status, host } = wiki
  if (engine !== 'mediawiki' || visibility !== 'private') {
    throw new Refusal('readers_not_kept', `${address} is read by everybody.`)
  }
  if ((status !== 'active' && status !== 'changing') || host === null) {
    throw new Refusal('readers_not_kept', `${address} is ${status}: nobody reads it.`)
  }
  return host
}
