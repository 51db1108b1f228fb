/** A row of the MariaDB store that the test holds, so that whoever wants to write it waits in its own transaction. */
import { eventually } from '@wikistead/test/eventually'
import type { StoreConfig } from '@wikistead/store'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect } from 'vitest'

/** MariaDB looks anew only when nobody has asked for 0.1 s; whoever asks more often is told the first answer for ever. */

export interface HeldRow extends AsyncDisposable {
  /** Resolves when somebody waits for it. */
  wanted(): Promise<void>
  /** By who holds it; it is there for others when the row is let go. */
  run(statement: string, ...values: string[]): Promise<void>
}

/** `select` names the row. */
export async function holdRow(place: StoreConfig, select: string, ...values: string[]): Promise<HeldRow> {
  if (place.engine !== 'mariadb') throw new Error('SQLite locks no rows')
  const { socketPath, user, database } = place
  const connection = await createConnection({
    user,
    database,
    ...(socketPath !== undefined && { socketPath }),
  })
  await connection.beginTransaction()
  const [rows] = await connection.query<RowDataPacket[]>(`${select} limit 1 for update`, values)
  if (rows.length === 0) throw new Error('there is no such row')
  return {
    async wanted() {
      await eventually(async () => {
        const [waits] = await connection.query<RowDataPacket[]>(
          `select 1 from information_schema.innodb_lock_waits as w
           join information_schema.innodb_trx as t on t.trx_id = w.blocking_trx_id
           where t.trx_mysql_thread_id = connection_id()`,
        )
        expect(waits.length).toBeGreaterThan(0)
      }, 350)
    },
    run: async (statement, ...more) => void (await connection.query(statement, more)),
    async [Symbol.asyncDispose]() {
      await connection.commit()
      await connection.end()
    },
  }
}
