/** By whom a request is made. Every way to say so is a source; the first that recognizes the request answers. */
import { Refusal, tokenScopes, type Role, type TokenScope } from '@wikistead/contracts'
import {
  scopesOf,
  type FoundSession,
  type HeldToken,
  type Maker,
  type SessionRow,
  type Store,
  type UserRow,
} from '@wikistead/store'
import type { FastifyRequest } from 'fastify'

export interface Acting {
  readonly user: UserRow
  readonly by: 'session' | 'token' | 'service'
  /** What it may be used for; the user's role bounds it as well. */
  readonly scopes: ReadonlySet<TokenScope>
  /** Of the token or the session. */
  readonly hash?: string
  /** What is kept with all that it makes; nothing lasting is made by the word of the hub. */
  readonly maker?: Maker
  /** Until when it acts, as far as that is known. */
  readonly endsAt: number | null
  /** How many credentials made it, one the other. */
  readonly depth: number
  readonly proof: Proof
}

/**
 * What says that the person themself acts. `scopes`: nobody has to be there, and what may be done is what the scopes say;
 * also of a session that a token made.
 */
type Proof =
  | { readonly by: 'scopes' | 'owner_of_machine' }
  | { readonly by: 'person'; readonly at: number | null; readonly session: SessionRow }

/**
 * Undefined where the request has nothing of this kind on it.
 * @throws Refusal `unauthenticated` and its like where it has, and that does not hold
 */
export type ActingSource = (request: FastifyRequest) => Promise<Acting | undefined>

declare module 'fastify' {
  interface FastifyRequest {
    acting: Acting | undefined
  }
}

const everyScope: ReadonlySet<TokenScope> = new Set(tokenScopes)

/** `Authorization: Bearer …` */
export const bearerTokens =
  (store: Store): ActingSource =>
  async ({ headers, ip, log }) => {
    const secret = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
    if (secret === undefined) return undefined
    const held = await store.tokens.find(secret)
    if (held === undefined) throw new Refusal('unauthenticated', 'This token is unknown or has expired.')
    await store.tokens.used(held, ip).catch((error: unknown) => {
      log.warn({ err: error }, 'that a token was used could not be noted')
    })
    return actingByToken(held)
  }

export const actingByToken = ({
  user,
  tokenHash,
  scopes,
  endsAt,
  depth,
  isOfDataFolder,
}: HeldToken): Acting => ({
  ...{ user, by: 'token', hash: tokenHash, scopes: scopes === null ? everyScope : new Set(scopes) },
  ...{ maker: { madeBy: tokenHash, madeIn: null }, endsAt, depth: depth + 1 },
  proof: { by: isOfDataFolder ? 'owner_of_machine' : 'scopes' },
})

export function actingBySession({ session, user, reach }: FoundSession): Acting {
  const { session_hash: hash, made_by: madeBy, proven_at: provenAt } = session
  const scopes = scopesOf(session.scopes)
  return {
    ...{ user, by: 'session', hash, scopes: scopes === null ? everyScope : new Set(scopes) },
    ...{ maker: { madeBy, madeIn: hash }, endsAt: reach.endsAt, depth: reach.depth },
    // Of a link that a token asked for: nobody has shown who they are, and nothing but that token answers for it.
    proof: madeBy !== null && provenAt === null ? { by: 'scopes' } : { by: 'person', at: provenAt, session },
  }
}

/** @throws Refusal `unauthenticated` */
export function requireActing({ acting }: Pick<FastifyRequest, 'acting'>): Acting {
  if (acting !== undefined) return acting
  throw new Refusal('unauthenticated', 'Sign in, or send the token of a user: `Authorization: Bearer …`.')
}

/**
 * The user who acts. Who may ask at all is in the table of permissions; `least` is for what a part of the request wants
 * beyond that. @throws Refusal `unauthenticated`, `forbidden`, `scope_missing`
 */
export function requireActor(request: FastifyRequest, least: Role = 'member'): UserRow {
  const acting = requireActing(request)
  requireRole(acting, least)
  if (least !== 'member') requireScope(acting, scopeOfRole[least])
  return acting.user
}

const scopeOfRole = { operator: 'operate', admin: 'admin' } as const satisfies Partial<
  Record<Role, TokenScope>
>

/** @throws Refusal `forbidden` */
export function requireRole({ user }: Acting, least: Role): void {
  if (!isAtLeast(user, least)) throw new Refusal('forbidden', `This is for an ${least} of the farm.`)
}

/** @throws Refusal `scope_missing` */
export function requireScope({ scopes }: Acting, scope: TokenScope): void {
  if (scopes.has(scope)) return
  throw new Refusal('scope_missing', `This token lacks the scope \`${scope}\`. Make one that has it.`, {
    scope,
  })
}

const rank: Readonly<Record<Role, number>> = { member: 0, operator: 1, admin: 2 }

export const rankOf = (role: Role): number => rank[role]

export const isAtLeast = ({ role }: UserRow, least: Role): boolean => rank[role] >= rank[least]
