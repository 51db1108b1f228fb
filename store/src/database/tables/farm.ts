/** What runs the farm, what is wrong with it, and what was done. */
import type { Generated, Selectable } from 'kysely'
import type { ActingBy, InstanceRole } from '@wikistead/contracts'

export interface SettingsTable {
  name: string
  value: string
}

export interface AlarmsTable {
  alarm_id: Generated<number>
  code: string
  subject: string
  message: string
  mend: string
  /** Code and subject while open, else null: one open alarm of a kind. */
  open_key: string | null
  /** JSON; what an operator's confirmation would cover. */
  detail: string
  confirmed: string | null
  since: number
  cleared_at: number | null
  /** Of an incident: how often it happened between its begin and its end; null for what stands until it is mended. */
  times: number | null
}

/** What was counted at a moment. */
export interface SamplesTable {
  /** What, e.g. `wikis/fedwiki`. */
  sample: string
  /** A whole multiple of ten minutes. */
  at: number
  value: number
}

export interface HostsTable {
  host: string
  /** How many wikis there is room for; null: no limit. */
  capacity: number | null
  /** How many wikis it makes at once; null where its worker does not say so. */
  creations: number | null
  draining: number
  /** When a worker of it was last alive. */
  seen_at: number
  created_at: number
}

export interface InstancesTable {
  instance_id: string
  role: InstanceRole
  /** The machine's name. */
  machine: string
  /** The MediaWiki host that it is; null when it is none. */
  host: string | null
  version: string
  /** A commit, or a hash of the sources. */
  build: string
  /** Where its API or its machine is found. */
  address: string | null
  /** Temporal's name for its workers. */
  worker_identity: string | null
  /** Which data folder it works over, and since when the machine's system runs. */
  lineage: string
  boot: string
  /** Of a worker: whether Temporal answered it when it was last asked. */
  reaches_temporal: number | null
  /** All in the database's time. */
  began_at: number
  seen_at: number
  ended_at: number | null
}

export interface LeasesTable {
  name: string
  /** An instance's id. */
  holder: string
  term: number
  /** In the database's time. */
  until_at: number
}

export interface AuditTable {
  audit_id: Generated<number>
  at: number
  user_id: number | null
  acting_by: ActingBy
  action: string
  subject: string
  status: number
  code: string | null
  request_id: string
  /** Of the visitor; null from before it was written. */
  address: string | null
  /** What the one who asked gave as a reason, where they had to. */
  reason: string | null
}

export interface AuditSealsTable {
  seal: number
  previous: string
  /** No row up to this one is left for a later seal, but for those that came late. */
  up_to: number
  at: number
  key_id: string | null
  row_count: number
  /** How many of its rows have ids that an earlier seal had gone past. */
  late: number
  /** `id:print`, with blanks between. */
  entries: string
  hash: string
}

export type InstanceRow = Selectable<InstancesTable>

export type HostRow = Selectable<HostsTable>

export type AuditRow = Selectable<AuditTable>

export type AlarmRow = Selectable<AlarmsTable>
