import { Kysely, sql } from 'kysely'
import type { MariadbOptions } from './mariadb-dialect.ts'

export interface TakenConnections {
  readonly taken: number
  /** Since the server began. */
  readonly most: number
  readonly limit: number
}

/** How many connections the server has of how many, whoever's they are. @throws when it does not answer */
export async function takenConnections(place: MariadbOptions): Promise<TakenConnections> {
  const { mariadbDialect } = await import('./mariadb-dialect.ts')
  await using db = new Kysely<unknown>({ dialect: mariadbDialect({ ...place, connections: 1 }) })
  const { rows } = await sql<{ readonly name: string; readonly value: string }>`
    select lower(variable_name) as name, variable_value as value from information_schema.global_status
      where variable_name in ('THREADS_CONNECTED', 'MAX_USED_CONNECTIONS')
    union all select 'limit', @@global.max_connections`.execute(db)
  const of = (name: string): number => Number(rows.find((row) => row.name === name)?.value)
  return { taken: of('threads_connected'), most: of('max_used_connections'), limit: of('limit') }
}
