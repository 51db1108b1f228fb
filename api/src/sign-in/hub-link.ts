/**
 * Linking the hub's account to one of the console, in three steps of one browser: it begins in a session here, says on the
 * hub who it is there, and comes back with a secret that only it has. The session must be the one that began, and whoever
 * sits there confirms both names. So neither a link that is sent to somebody nor a button that they press gives anything
 * to anybody else.
 */
import { randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, type HubLink } from '@wikistead/contracts'
import type { KeptOnce, Store } from '@wikistead/store'
import { z } from 'zod'
import { requireLasting } from '../access/lasting.ts'
import type { Acting } from '../access/acting.ts'

const lifetimeMs = 10 * 60_000

/** An account of the hub, by its word. */
export interface HubAccount {
  readonly issuer: string
  readonly account: string
  readonly name: string
}

/** The code that the browser takes to the hub. @throws Refusal `forbidden` */
export async function beginHubLink(store: Store, acting: Acting, returnTo: string): Promise<string> {
  requireLasting(acting)
  const code = randomBytes(32).toString('base64url')
  meetSecret(code)
  const detail = { session: acting.hash, return_to: returnTo }
  await store.once.keep('hub_link', code, { lifetimeMs, userId: acting.user.user_id, detail })
  return code
}

/** What the hub sends the browser back with: good for nothing but the last step. @throws Refusal `link_expired` */
export async function vouchForHubLink(store: Store, code: string, account: HubAccount): Promise<string> {
  const { issuer, account: subject, name } = account
  const secret = randomBytes(32).toString('base64url')
  meetSecret(secret)
  await store.transaction(async ({ once }) => {
    const kept = begun(await once.take('hub_link', code))
    const detail = { ...kept.detail, issuer, subject, name }
    await once.keep('hub_link_vouched', secret, { lifetimeMs, userId: kept.userId, detail })
  })
  return secret
}

/** What would become one. @throws Refusal `link_expired`, `forbidden` */
export async function seeHubLink(store: Store, secret: string, acting: Acting): Promise<HubLink> {
  const { name, issuer, return_to } = vouched(await store.once.see('hub_link_vouched', secret), acting)
  return { name: acting.user.name, hub_name: name, hub_url: issuer, return_to }
}

/** @throws Refusal `link_expired`, `forbidden`, `identity_taken`, `busy` */
export async function confirmHubLink(store: Store, secret: string, acting: Acting): Promise<HubLink> {
  requireLasting(acting)
  return store.transaction(async ({ once, users }) => {
    // What is refused is taken by nobody: the transaction is undone.
    const { issuer, subject, name, return_to } = vouched(await once.take('hub_link_vouched', secret), acting)
    const user = await users.takeIdentity(acting.user.user_id, { issuer, subject, name })
    return { name: user.name, hub_name: name, hub_url: issuer, return_to }
  })
}

const Begun = z.object({ session: z.string(), return_to: z.string().default('/account') })
const Vouched = Begun.extend({ issuer: z.string(), subject: z.string(), name: z.string() })

function begun(kept: KeptOnce | undefined) {
  const detail = Begun.safeParse(kept?.detail)
  if (kept?.userId == null || !detail.success) throw expired()
  return { userId: kept.userId, detail: detail.data }
}

/** It must have begun in the session that asks. */
function vouched(kept: KeptOnce | undefined, acting: Acting): z.infer<typeof Vouched> {
  const detail = Vouched.safeParse(kept?.detail)
  if (kept === undefined || !detail.success) throw expired()
  if (detail.data.session === acting.hash && kept.userId === acting.user.user_id) return detail.data
  throw new Refusal(
    'forbidden',
    'This was begun in another browser, or by somebody else. To link your own account, begin on your account’s page here.',
  )
}

const expired = (): Refusal =>
  new Refusal('link_expired', 'This link was used, or its time is over. Begin again in the console.')
