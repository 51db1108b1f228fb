/** What is answered about people, and how they sign in. */
import { z } from 'zod'
import { engines, roles, tokenScopes } from '../states.ts'
import { time } from './time.ts'

export const User = z.object({
  id: z.number().int(),
  name: z.string(),
  role: z.enum(roles),
  /** FedWiki sites; null: the farm-wide limit. */
  site_limit: z.number().int().nullable(),
  /** MediaWiki wikis; null: the farm-wide limit. */
  wiki_limit: z.number().int().nullable(),
  /** Who is blocked signs in nowhere, and their tokens are refused. */
  blocked: z.boolean(),
  identities: z.array(z.object({ issuer: z.string(), subject: z.string() })),
})
export type User = z.infer<typeof User>

/** Who is asking, and how they may sign in; answered to everybody. */
export const Session = z.object({
  user: User.nullable(),
  /** Goes into `X-CSRF-Token` of every request that changes something; null without a session. */
  csrf_token: z.string().nullable(),
  expires_at: time.nullable(),
  /** Until then the gravest acts need no new sign-in; null: they need one now. */
  fresh_until: time.nullable(),
  /** Where this browser signs in anew for them; null: by a new one-time link. */
  sign_in_again: z.string().nullable(),
})
export type Session = z.infer<typeof Session>

/** A sign-in of one browser. */
export const SignedIn = z.object({
  id: z.string(),
  current: z.boolean(),
  user_agent: z.string(),
  created_at: time,
  seen_at: time,
  /** The addresses of the sign-in and of the last request; null from before they were written. */
  made_from: z.string().nullable(),
  seen_from: z.string().nullable(),
  expires_at: time,
})
export type SignedIn = z.infer<typeof SignedIn>
export const SignedInList = z.object({ sessions: z.array(SignedIn) })

/** A token as it is listed: never the secret itself. */
export const Token = z.object({
  id: z.string(),
  label: z.string(),
  scopes: z.array(z.enum(tokenScopes)),
  created_at: time,
  expires_at: time.nullable(),
  used_at: time.nullable(),
  /** The address that it was last used from. */
  used_from: z.string().nullable(),
})
export type Token = z.infer<typeof Token>
export const TokenList = z.object({ tokens: z.array(Token) })

/** The only time that the secret is told. */
export const NewToken = z.object({ token: Token, secret: z.string() })
export type NewToken = z.infer<typeof NewToken>
export const UserList = z.object({ users: z.array(User), next_cursor: z.string().nullable() })
export type UserList = z.infer<typeof UserList>

/** A user's place under the farm's limits. */
export const Quota = z.object({
  engine: z.enum(engines),
  used: z.number().int(),
  limit: z.number().int(),
})
export const QuotaList = z.object({ quotas: z.array(Quota) })
export type QuotaList = z.infer<typeof QuotaList>

/** An identity that a user has still to link before a wiki of the engine can be theirs. */
export const IdentityNeed = z.object({
  engine: z.enum(engines),
  detail: z.string(),
  link: z.string().nullable().describe('Where it is linked, a path of the console; null: an operator helps'),
  at: z.string().nullable().describe('Whose identity it is: the provider, in words, or the hub’s address'),
})
export type IdentityNeed = z.infer<typeof IdentityNeed>

export const IdentityNeeds = z.object({ needs: z.array(IdentityNeed) })
export type IdentityNeeds = z.infer<typeof IdentityNeeds>

/** The hub has said who its account is; nothing is linked yet. */
export const LinkVouched = z.object({
  url: z.string().describe('Where the browser goes on, to confirm it where it began'),
})

/** Two accounts that are to become one. */
export const HubLink = z.object({
  name: z.string().describe('Mine here'),
  hub_name: z.string().describe('The account on the hub'),
  hub_url: z.string(),
  return_to: z.string().describe('Where it was begun: a path of the console'),
})
export type HubLink = z.infer<typeof HubLink>
