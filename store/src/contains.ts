import { sql, type Expression, type SqlBool } from 'kysely'

/**
 * A literal part of the text, whatever LIKE would make of its characters. The engine folds the case of both sides, each
 * in its own way: SQLite's is ASCII only.
 */
export function contains(column: 'name' | 'address', text: string): Expression<SqlBool> {
  const pattern = `%${text.replace(/[|%_]/g, '|$&')}%`
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '|'`
}
