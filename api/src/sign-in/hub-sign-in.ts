/**
 * Signing in by the hub's account, in three steps of one browser: it begins here, says on the hub who it is there, and comes
 * back with a secret that counts once and in that browser only. So a button that somebody is made to press on the hub signs
 * nobody else in, and a link that is sent to somebody signs nobody in as another.
 */
import { randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { z } from 'zod'
import { signInMs } from './cookies.ts'
import type { HubAccount } from './hub-link.ts'

const Begun = z.object({
  /** Print of the browser's cookie. */
  browser: z.string(),
  return_to: z.string(),
  /** Who is signed in is to show once more who they are. */
  fresh: z.boolean(),
})
type Begun = z.infer<typeof Begun>

const Vouched = Begun.extend({
  ...{ issuer: z.string(), account: z.string(), name: z.string() },
  /** When they showed on the hub who they are, in milliseconds since 1970; null where it does not know. */
  proven_at: z.number().nullable(),
})
export type VouchedSignIn = z.infer<typeof Vouched>

/** The code that the browser takes to the hub. */
export async function beginHubSignIn(store: Store, begun: Begun): Promise<string> {
  const code = newSecret()
  await store.once.keep('hub_sign_in', code, { lifetimeMs: signInMs, detail: begun })
  return code
}

/**
 * What the hub sends the browser back with. @param signedInAgoMs since when they have shown there who they are; null: not
 * known. @throws Refusal `link_expired`
 */
export async function vouchForHubSignIn(
  store: Store,
  code: string,
  { issuer, account, name }: HubAccount,
  signedInAgoMs: number | null,
): Promise<string> {
  const secret = newSecret()
  await store.transaction(async ({ once }) => {
    const begun = Begun.safeParse((await once.take('hub_sign_in', code))?.detail)
    if (!begun.success) {
      throw new Refusal(
        'link_expired',
        'This link was used, or its time is over. Sign in again in the console.',
      )
    }
    const detail: VouchedSignIn = {
      ...{ ...begun.data, issuer, account, name },
      proven_at: signedInAgoMs === null ? null : store.now() - signedInAgoMs,
    }
    await once.keep('hub_sign_in_vouched', secret, { lifetimeMs: signInMs, detail })
  })
  return secret
}

/** Whom the hub vouched for, once; undefined when that was never, too long ago, or taken before. */
export async function takeHubSignIn(store: Store, secret: string): Promise<VouchedSignIn | undefined> {
  return Vouched.safeParse((await store.once.take('hub_sign_in_vouched', secret))?.detail).data
}

function newSecret(): string {
  const secret = randomBytes(32).toString('base64url')
  meetSecret(secret)
  return secret
}
