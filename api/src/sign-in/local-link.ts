import { randomBytes } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { requireUnblocked } from './unblocked.ts'

const lifetimeMs = 15 * 60_000

export interface LocalLink {
  readonly url: string
  readonly expiresAt: number
}

/** A link that signs the user in, once, within a quarter of an hour. */
export async function makeLocalLink(store: Store, publicUrl: string, userId: number): Promise<LocalLink> {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = store.now() + lifetimeMs
  await store.once.keep('local_link', token, { lifetimeMs, userId })
  return { url: `${publicUrl}/auth/local?token=${token}`, expiresAt }
}

/** Whom the link signs in. @throws Refusal `link_expired`, `blocked` */
export async function takeLocalLink(store: Store, token: string): Promise<number> {
  const kept = await store.once.take('local_link', token)
  const user = kept?.userId == null ? undefined : await store.users.find(kept.userId)
  if (user === undefined) {
    throw new Refusal(
      'link_expired',
      'This link was used already, or is older than 15 minutes. `wikistead sign-in-link` makes another.',
    )
  }
  requireUnblocked(user)
  return user.user_id
}
