/** What our own OpenID provider keeps. */
import type { Selectable } from 'kysely'

/** What our own OpenID provider keeps: of sign-ins under way, and of those who signed in. */
export interface OpenidRowsTable {
  /** What it is and the hash of its id, e.g. `AuthorizationCode/…`. */
  row_key: string
  /** JSON */
  payload: string
  /** Hash of the grant that it is part of. */
  grant_key: string | null
  /** Hash of the `uid` by which a session of the provider is found as well. */
  uid_key: string | null
  /** Of the sign-in to the console that it stands on; null while nobody has signed in. It counts as long as that one does. */
  session_hash: string | null
  consumed_at: number | null
  expires_at: number
}

export interface OpenidKeysTable {
  kid: string
  /** JSON: what everybody may know. */
  public_jwk: string
  /** The private key, sealed with a key that one data folder has. */
  sealed_jwk: string
  created_at: number
  /** Everybody has had the time to learn of it then. */
  signs_from: number
  /** From then on nothing stands that it signed. */
  expires_at: number
}

/** A site or program whose visitors sign in at our own OpenID provider. */
export interface OpenidClientsTable {
  client_id: string
  /** For people. */
  name: string
  /** SHA-256, hex. */
  secret_hash: string
  /** JSON: a list of addresses. */
  redirect_uris: string
  /** 1: it has its secret alone to show that a code is for it. */
  without_pkce: number | null
  /** The admin; null: the farm's own. */
  made_by: number | null
  created_at: number
}

export type OpenidKeyRow = Selectable<OpenidKeysTable>

export type OpenidClientRow = Selectable<OpenidClientsTable>
