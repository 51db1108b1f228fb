/**
 * What a wiki's user may do: what MediaWiki's installer, its updater and its pages do, and nothing more. Above all
 * nothing that leaves something behind in the database which others would run: no view, routine, trigger or event.
 */
import { escapeId } from 'mysql2'
import { escapePattern } from './database-claim.ts'

/** On its own database. */
export const wikiRights = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  ...['CREATE', 'ALTER', 'DROP', 'INDEX', 'CREATE TEMPORARY TABLES'],
] as const

export interface Grant {
  readonly rights: readonly string[]
  readonly on: string
  /** Whose table it is, when it is not the wiki's. */
  readonly table?: string
}

export function grantsOf(database: string, sharedDatabase: string | undefined): Grant[] {
  const own: Grant = { rights: wikiRights, on: allOf(database) }
  if (sharedDatabase === undefined || sharedDatabase === '') return [own]
  return [
    own,
    ...sharedGrants.map(({ table, rights }) => ({
      ...{ rights, table },
      on: `${escapeId(sharedDatabase, true)}.${escapeId(table, true)}`,
    })),
  ]
}

/** Everything in this one database, as GRANT names it: the name there is a pattern. */
export function allOf(database: string): string {
  return `${escapeId(escapePattern(database), true)}.*`
}

/** Without DELETE, a preference of a shared account could not be reset. */
const sharedGrants = [
  { table: 'user', rights: ['SELECT', 'INSERT', 'UPDATE'] },
  { table: 'user_properties', rights: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
  { table: 'actor', rights: ['SELECT', 'INSERT', 'UPDATE'] },
] as const

/** What the hub's database must have before a child is made. */
export const sharedTables: readonly string[] = sharedGrants.map(({ table }) => table)

/** A row of information_schema.SCHEMA_PRIVILEGES. */
export interface HeldRight {
  readonly right: string
  readonly grantable: 'YES' | 'NO'
}

/** Those that a wiki's user is to lose, as REVOKE names them. */
export function excessOf(held: readonly HeldRight[]): string[] {
  const needed: ReadonlySet<string> = new Set([...wikiRights, 'USAGE'])
  const more = held.map(({ right }) => right).filter((right) => !needed.has(right))
  return [...more, ...(held.some(({ grantable }) => grantable === 'YES') ? ['GRANT OPTION'] : [])]
}
