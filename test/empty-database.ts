/** An empty database of the real MariaDB, binary by default as MediaWiki's often are, and what can be seen of it. */
import type {} from './provided.ts'
import { randomUUID } from 'node:crypto'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { inject } from 'vitest'

export async function emptyDatabase() {
  const { socketPath } = inject('mariadb')
  const database = `empty_${randomUUID().replaceAll('-', '')}`
  const sql = await createConnection({ socketPath, user: 'root' })
  await sql.query(`CREATE DATABASE ${database} DEFAULT CHARACTER SET binary`)
  await sql.query(`USE ${database}`)
  return {
    ...{ sql, config: { engine: 'mariadb', socketPath, user: 'root', database } as const },
    async [Symbol.asyncDispose]() {
      await sql.query(`DROP DATABASE ${database}`)
      await sql.end()
    },
  }
}

export async function tablesOf(sql: Connection): Promise<Record<string, string>> {
  const [tables] = await sql.query<RowDataPacket[]>('SHOW TABLES')
  const shown: Record<string, string> = {}
  for (const row of tables) {
    const name = String(Object.values(row)[0])
    const [[table]] = await sql.query<RowDataPacket[]>(`SHOW CREATE TABLE ${name}`)
    // Line for line: an index that came later stands at its end.
    shown[name] = String(table?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '')
  }
  return shown
}
