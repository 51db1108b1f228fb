/** Who people are to us, and how they show it. */
import type { Generated, Selectable } from 'kysely'
import type { Role } from '@wikistead/contracts'

export interface UsersTable {
  user_id: Generated<number>
  name: string
  role: Role
  /** FedWiki sites; null: the farm-wide limit. */
  site_limit: number | null
  created_at: number
  /** MediaWiki wikis; null: the farm-wide limit. */
  wiki_limit: number | null
  blocked_at: number | null
}

export interface IdentitiesTable {
  issuer: string
  subject: string
  user_id: number
  /** What they are called there; null where nobody said. */
  name: string | null
}

export interface TokensTable {
  /** SHA-256 of the token, hex. */
  token_hash: string
  user_id: number
  label: string
  created_at: number
  expires_at: number | null
  /** Token scopes, with blanks between; null: all that the user may do. */
  scopes: string | null
  used_at: number | null
  /** The address that it was last used from. */
  used_from: string | null
  /** Hash of the token that made it; null where a person did, and in rows of before. See `people/makers.ts`. */
  made_by: string | null
  /** Hash of the session in which it was made. */
  made_in: string | null
  /** Who made it for somebody else. */
  vouched_by: number | null
}

export interface SessionsTable {
  /** SHA-256 of the cookie's value, hex. */
  session_hash: string
  user_id: number
  csrf_token: string
  user_agent: string
  /** For signing out at the provider too; null where nothing but the cookie ends. */
  id_token: string | null
  /** When a person last showed who they are; null where that is not known, or no person signed in. */
  proven_at: number | null
  /** The `sub` and the `sid` by which the provider knows who signed in, and where; null where it was not there, or did not say. */
  provider_subject: string | null
  provider_session: string | null
  /** Where it began, if the browser signs in anew there; null: at the provider or by a link. */
  begun_at: 'hub' | null
  created_at: number
  seen_at: number
  /** The visitor's address at the sign-in and at the last request; null from before they were written. */
  made_from: string | null
  seen_from: string | null
  expires_at: number
  /** Hash of the token that made it; null where a person signed in. */
  made_by: string | null
  /** As of a token. */
  scopes: string | null
  /** By what of an account of ours they showed it; null where it was something else. */
  proven_by: 'password' | 'passkey' | null
}

/** How somebody signs in without a provider. */
export interface AccountsTable {
  user_id: number
  /** By which they sign in, as they wrote it, and as it is compared. */
  name: string
  name_key: string
  /** null: none was given. */
  mail: string | null
  mail_key: string | null
  /** Argon2id, in the PHC's string format; null: by passkeys alone, or not joined yet. */
  password_hash: string | null
  /** Of the second factor, Base32; it counts from `totp_since` on, and null before it was confirmed. */
  totp_secret: string | null
  totp_since: number | null
  /** The last step of time whose code was used: no code counts twice. */
  totp_step: number | null
  created_at: number
  changed_at: number
}

export interface PasskeysTable {
  /** SHA-256 of the credential's id, hex. */
  passkey_id: string
  user_id: number
  /** Both Base64url. */
  credential_id: string
  public_key: string
  counter: number
  /** With blanks between. */
  transports: string
  label: string
  created_at: number
  used_at: number | null
}

export interface RecoveryCodesTable {
  /** SHA-256 of the user and the code, hex. One that was used is gone. */
  code_hash: string
  user_id: number
  created_at: number
}

export interface InvitationsTable {
  invitation_id: string
  /** SHA-256 of the link's secret, hex. */
  secret_hash: string
  /** To whom it was mailed; whoever joins by it has shown that this address is theirs. */
  mail: string | null
  /** What they are called until they say otherwise. */
  name: string | null
  role: Role
  /** Whose account it makes or opens anew; null: of somebody who is new. */
  user_id: number | null
  /** null: they asked for it themself. */
  invited_by: number | null
  /** As of a token. */
  made_by: string | null
  made_in: string | null
  created_at: number
  expires_at: number
  /** When somebody joined by it, or it was withdrawn. */
  ended_at: number | null
  /** Who joined by it; null: nobody. */
  joined_id: number | null
}

/** What counts once: one-time links, sign-ins under way, the numbers of service tokens that were used. */
export interface OnceTable {
  /** What it is and its hash, e.g. `local_link/…`. */
  once_key: string
  /** JSON */
  detail: string
  user_id: number | null
  created_at: number
  expires_at: number
}

export type SessionRow = Selectable<SessionsTable>

export type AccountRow = Selectable<AccountsTable>

export type PasskeyRow = Selectable<PasskeysTable>

export type InvitationRow = Selectable<InvitationsTable>

export type UserRow = Selectable<UsersTable>

export type TokenRow = Selectable<TokensTable>
