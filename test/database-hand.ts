/** Somebody's hand in the store's database, past the store: whoever administers it. */
import { DatabaseSync } from 'node:sqlite'
import type { StoreConfig } from '@wikistead/store'
import { createConnection } from 'mysql2/promise'

export interface DatabaseHand extends AsyncDisposable {
  /** One statement or more, with `;` between. */
  run(statements: string): Promise<void>
}

export async function databaseHand(config: StoreConfig): Promise<DatabaseHand> {
  if (config.engine === 'sqlite') {
    const database = new DatabaseSync(config.filename, { timeout: 20_000 })
    return {
      async run(statements) {
        database.exec(statements)
      },
      async [Symbol.asyncDispose]() {
        database.close()
      },
    }
  }
  const { socketPath = '', user, database } = config
  const connection = await createConnection({ socketPath, user, database, multipleStatements: true })
  return {
    async run(statements) {
      await connection.query(statements)
    },
    [Symbol.asyncDispose]: () => connection.end(),
  }
}
