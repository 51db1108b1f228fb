import { randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, tokenScopes, type TokenScope } from '@wikistead/contracts'
import type { NewSession, Store } from '@wikistead/store'
import { z } from 'zod'
import { requireUnblocked } from './unblocked.ts'

const lifetimeMs = 15 * 60_000

export interface LocalLink {
  readonly url: string
  readonly expiresAt: number
}

/** Of whoever asks for a link: the session that it makes is bounded by them. */
export interface LinkMaker {
  readonly madeBy: string | null
  readonly scopes: readonly TokenScope[]
  readonly endsAt: number | null
  /** It is the token of the data folder: whoever opens the link is the machine's owner, in person. */
  readonly isOwner: boolean
}

/** A link that signs the user in, once, within a quarter of an hour; `maker` is left out where this machine's owner makes it. */
export async function makeLocalLink(
  store: Store,
  publicUrl: string,
  userId: number,
  maker?: LinkMaker,
): Promise<LocalLink> {
  const token = randomBytes(32).toString('base64url')
  meetSecret(token)
  const now = store.now()
  const expiresAt = Math.min(now + lifetimeMs, maker?.endsAt ?? Infinity)
  await store.once.keep(
    'local_link',
    token,
    {
      ...{ lifetimeMs: expiresAt - now, userId },
      ...(maker !== undefined && {
        detail: {
          made_by: maker.madeBy,
          // The owner may do all that there is.
          ...(!maker.isOwner && { scopes: maker.scopes }),
          proves: maker.isOwner,
        },
      }),
    },
    now,
  )
  return { url: `${publicUrl}/auth/local?token=${token}`, expiresAt }
}

const Made = z.object({
  made_by: z.string().nullable().default(null),
  scopes: z.array(z.enum(tokenScopes)).nullable().default(null),
  proves: z.boolean().optional(),
})

/** Whom the link signs in, and what made it. @throws Refusal `link_expired`, `blocked` */
export async function takeLocalLink(
  store: Store,
  token: string,
): Promise<Pick<NewSession, 'userId' | 'madeBy' | 'scopes' | 'provenAt'>> {
  const kept = await store.once.take('local_link', token)
  const user = kept?.userId == null ? undefined : await store.users.find(kept.userId)
  const { made_by: madeBy, scopes, proves = madeBy === null } = Made.parse(kept?.detail ?? {})
  if (user === undefined || (await store.tokens.reachOfMadeBy(madeBy)) === undefined) {
    throw new Refusal(
      'link_expired',
      'This link was used already, is older than 15 minutes, or what made it has ended. `wikistead sign-in-link` makes another.',
    )
  }
  requireUnblocked(user)
  return { userId: user.user_id, madeBy, scopes, provenAt: proves ? store.now() : null }
}
