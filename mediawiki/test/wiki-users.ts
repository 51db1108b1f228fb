/** A MariaDB of its own with wikis on it, and their database users, who mean no good. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMariadb } from '@wikistead/test/mariadb'
import type { Connection } from 'mysql2/promise'
import { createWikiDatabase, type NewWikiDatabase } from '../src/database/wiki-database.ts'
import { databaseName } from '../src/names/slug.ts'
import { oldRights } from './database-attack.ts'
import { openTestDatabases, password, type TestDatabases } from './test-databases.ts'

export interface WikiUsers extends AsyncDisposable {
  readonly databases: TestDatabases
  /** Its administrator has a password. */
  readonly server: { readonly socketPath: string; readonly user: string; readonly password: string }
  /** A wiki whose database is made, and the name of its user. */
  make(changes?: Partial<NewWikiDatabase>): Promise<{ readonly wiki: NewWikiDatabase; readonly user: string }>
  /** The user's own connection; it may be ended by others. */
  connect(user: string): Promise<Connection>
  giveOldRights(user: string, more?: 'WITH GRANT OPTION'): Promise<unknown>
}

export async function startWikiUsers(): Promise<WikiUsers> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-users-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  // What is done to it here, other tests' checks of a server would tell of.
  const { socketPath } = started.use(await startMariadb(folder))
  const databases = started.use(await openTestDatabases(socketPath))
  const server = { socketPath, user: 'farm_admin', password: 'of-this-administrator' }
  await databases.query(
    `CREATE USER ${server.user} IDENTIFIED BY '${server.password}';
      GRANT ALL PRIVILEGES ON *.* TO ${server.user} WITH GRANT OPTION`,
  )
  const running = started.move()
  return {
    ...{ databases, server },
    async make(changes) {
      const wiki = databases.wanted({ server, ...changes })
      await createWikiDatabase(wiki)
      return { wiki, user: databaseName(wiki.slug) }
    },
    async connect(user) {
      const own = await databases.as(user, password, user)
      own.on('error', () => undefined)
      running.defer(() => own.destroy())
      return own
    },
    giveOldRights: (user, more) =>
      databases.query(`GRANT ${oldRights} ON \`${user.replaceAll('_', '\\_')}\`.* TO ${user} ${more ?? ''}`),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
