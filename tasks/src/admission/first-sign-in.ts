/**
 * Asks the host of a wiki for a one-time link of its owner. The key is made here and told to nobody but who asked: the
 * host, Temporal and the wiki itself learn its print.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import {
  firstSignInMs,
  Refusal,
  type OfferFirstSignInInput,
  type OfferFirstSignInOutput,
} from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import type { Store, WikiRow } from '@wikistead/store'
import { askHost } from './ask-host.ts'
import { refuseSuspended } from './refuse-suspended.ts'

export interface FirstSignInLink extends OfferFirstSignInOutput {
  readonly key: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

const patienceMs = 25_000

/** @throws Refusal `wiki_suspended`, `sign_in_not_found`, `host_away`, `engine_unavailable`, `temporal_unavailable`, or what the host refused it for */
export async function makeFirstSignInLink(
  { store, client }: { readonly store: Store; readonly client: Client },
  wiki: WikiRow,
): Promise<FirstSignInLink> {
  refuseSuspended(wiki)
  const { wiki_id: wikiId, owner_id: userId, address: slug, host, status, serving } = wiki
  if ((status !== 'active' && status !== 'changing') || host === null) {
    throw new Refusal('sign_in_not_found', `${slug} is ${status}: there is nowhere to sign in.`)
  }
  if (serving !== 'active') {
    throw new Refusal('sign_in_not_found', `${slug} is ${serving}: make it active first.`)
  }
  const key = randomBytes(32).toString('base64url')
  meetSecret(key)
  const until = Math.floor((Date.now() + firstSignInMs) / 1_000)
  const keyHash = createHash('sha256').update(key).digest('hex')
  const input: OfferFirstSignInInput = { userId, slug, host, keyHash, until }
  await store.once.keep('first_sign_in', keyHash, {
    ...{ lifetimeMs: patienceMs, detail: { slug, until }, userId },
  })
  const { user } = await askHost<OfferFirstSignInOutput>(client, {
    ...{ workflow: 'OfferFirstSignInWorkflow', id: `first-sign-in/${String(wikiId)}`, input, patienceMs },
  })
  return { user, key, expiresAt: until * 1_000 }
}
