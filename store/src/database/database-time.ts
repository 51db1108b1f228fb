/**
 * The database's clock, in milliseconds since 1970. Two machines agree on nothing else: whether one has been silent for
 * too long is asked and answered by this one alone.
 */
import { sql, type RawBuilder } from 'kysely'
import type { StoreEngine } from './store-engine.ts'

/** An expression: the moment at which the statement runs. */
export function databaseNow(engine: StoreEngine): RawBuilder<number> {
  // Not `unix_timestamp(now())`, which goes by the server's time zone and is ambiguous in one hour of a year.
  return engine === 'mariadb'
    ? sql<number>`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
}
