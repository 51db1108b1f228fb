import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { StoreEngine } from './store-engine.ts'

/**
 * A literal part of the text, whatever LIKE would make of its characters. The engine folds the case of both sides, each
 * in its own way: SQLite's is ASCII only.
 */
export function contains(column: 'name', text: string): Expression<SqlBool> {
  return sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern(text)} escape '|'`
}

/** The same of a wiki's name and address, each by itself, as migration 0007 has them in an index. */
export function wikiContains(engine: StoreEngine, text: string): Expression<SqlBool> {
  const both =
    engine === 'mariadb'
      ? sql.ref('found_by')
      : sql`lower(${sql.ref('name')} || char(10) || ${sql.ref('address')})`
  return sql<SqlBool>`${both} like ${pattern(text)} escape '|'`
}

const pattern = (text: string): RawBuilder<string> =>
  sql<string>`lower(${`%${text.replace(/[|%_]/g, '|$&')}%`})`
