/** Wikis, and what belongs to one. */
import type { Generated, Selectable } from 'kysely'
import type { Engine, Serving, TransferStatus, Visibility, WikiStatus } from '@wikistead/contracts'

export interface TextsTable {
  fragment: string
  wiki_id: number
}

export interface WikisTable {
  wiki_id: Generated<number>
  engine: Engine
  /** FedWiki: the domain; MediaWiki: the slug. */
  address: string
  /** The address while this row holds it, else null: unique together with the engine. */
  claim: string | null
  name: string
  status: WikiStatus
  serving: Serving
  visibility: Visibility
  featured: number
  custom_domain: number
  owner_id: number
  /** The owner as the engine knows them. */
  owner_subject: string
  owner_name: string
  /** The task at work on it; set by compare-and-swap. */
  task_id: string | null
  created_at: number
  updated_at: number
  /** When a deleted wiki's undo window ends. */
  purge_after: number | null
  /** MediaWiki only: its language code, and the host that its folder is on. */
  language: string | null
  host: string | null
}

/** What operators decided of a wiki; none where nobody did, or where that is lifted and the wiki has been told. */
export interface SuspensionsTable {
  wiki_id: number
  /** Since when it is served to nobody; null when that was lifted. */
  suspended_at: number | null
  /** Who decided last. */
  suspended_by: number
  suspension_reason: string | null
  /** The wiki itself has still to be told of the last decision, from this moment on; null once it was. */
  suspension_due: number | null
}

export interface SnapshotsTable {
  snapshot_id: string
  /** When the list was asked for: what came later is not missing from it. */
  started_at: number
  sites: number
  skipped: number
  complete: number
}

export interface SnapshotSitesTable {
  snapshot_id: string
  address: string
  serving: Serving
  /** 1: missing from the list or put away, and the farm confirmed it when asked for this site alone. */
  gone: number
  owner_subject: string | null
  owner_name: string | null
}

export interface TransfersTable {
  transfer_id: string
  wiki_id: number
  from_user_id: number
  to_user_id: number | null
  /** SHA-256 of the link's secret, hex. */
  secret_hash: string
  status: TransferStatus
  task_id: string | null
  created_at: number
  expires_at: number
  /** As of a token. */
  made_by: string | null
  made_in: string | null
}

/** Links by which somebody becomes a reader of a private wiki; a row goes when it was used, or withdrawn. */
export interface ReadInvitationsTable {
  invitation_id: string
  wiki_id: number
  /** Whose the wiki was: of another's nobody is invited by it. */
  owner_id: number
  /** SHA-256 of the link's secret, hex. */
  secret_hash: string
  created_at: number
  expires_at: number
  /** As of a token. */
  made_by: string | null
  made_in: string | null
}

export type ReadInvitationRow = Selectable<ReadInvitationsTable>

export type TransferRow = Selectable<TransfersTable>

export type BareWikiRow = Selectable<WikisTable>

/** With what was decided of it; all of that null for nearly every wiki. */
export type WikiRow = BareWikiRow & {
  [Column in keyof Omit<SuspensionsTable, 'wiki_id'>]: SuspensionsTable[Column] | null
}

export type SnapshotRow = Selectable<SnapshotsTable>

export type SnapshotSiteRow = Selectable<SnapshotSitesTable>
