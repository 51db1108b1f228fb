/**
 * Asks the host of a wiki for a one-time link of its owner. The key is made here and told to nobody but who asked: the
 * host, Temporal and the wiki itself learn its print.
 */
import { createHash, randomBytes } from 'node:crypto'
import { ActivityFailure, ApplicationFailure, TimeoutFailure, WorkflowFailedError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import {
  firstSignInMs,
  isRefusalCode,
  mediaWikiSentences,
  Refusal,
  workflowQueue,
  type OfferFirstSignInInput,
  type OfferFirstSignInOutput,
} from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import type { Store, WikiRow } from '@wikistead/store'
import { refuseSuspended } from './refuse-suspended.ts'
import { askTemporal } from '../temporal/ask-temporal.ts'

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
  try {
    const { user } = await askTemporal(
      client,
      // The workflow's own end by its patience comes first.
      patienceMs + 1_000,
      () =>
        client.workflow.execute('OfferFirstSignInWorkflow', {
          taskQueue: workflowQueue,
          workflowId: `first-sign-in/${String(wikiId)}/${randomBytes(6).toString('hex')}`,
          workflowExecutionTimeout: patienceMs,
          args: [input],
        }) as Promise<OfferFirstSignInOutput>,
    )
    return { user, key, expiresAt: until * 1_000 }
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause
  // A fault that was tried again for as long as there was time.
  if (cause instanceof ApplicationFailure && isRefusalCode(cause.type) && cause.type !== 'fault') {
    return new Refusal(cause.type, cause.message)
  }
  // An attempt that was made and failed is named as the time-out's cause.
  return cause instanceof TimeoutFailure && cause.cause === undefined
    ? new Refusal('host_away', mediaWikiSentences.host_away)
    : new Refusal('engine_unavailable', 'The wiki’s database does not answer. Please try again in a minute.')
}
