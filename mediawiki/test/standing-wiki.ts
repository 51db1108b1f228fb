/** A wiki as it stands on a host: its row, its pubwiki.ini, its database and user on a real MariaDB; no tables of MediaWiki. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '@wikistead/store'
import { createWikiDatabase, type WikiDatabase } from '../src/database/wiki-database.ts'
import { writeMarker } from '../src/folder/task-marker.ts'
import { readIniValues, renderPubwikiIni } from '../src/ini/pubwiki-file.ts'
import { databaseName } from '../src/names/slug.ts'
import type { TestDatabases } from './test-databases.ts'

const task = 'task-1'
const keys = ['WIKI_DB_PASSWORD', 'WIKI_DB_NEXT_PASSWORD', 'WIKI_SECRET_KEY'] as const

export interface StandingWiki {
  readonly slug: string
  readonly folder: string
  /** The password that it was made with. */
  readonly old: string
  readonly made: WikiDatabase
  /** Of its pubwiki.ini, now. */
  readonly said: () => Promise<{ readonly used: string; readonly next: unknown; readonly secret: unknown }>
  /** Whether MariaDB lets its user in, and to its database. */
  readonly isLetIn: (password: string) => Promise<boolean>
}

export async function standingWiki(
  {
    databases,
    store,
    wikis,
  }: { readonly databases: TestDatabases; readonly store: Store; readonly wikis: string },
  { host, taskId = null }: { readonly host?: string; readonly taskId?: string | null } = {},
): Promise<StandingWiki> {
  const slug = databases.newSlug()
  const [folder, database] = [join(wikis, slug), databaseName(slug)]
  await mkdir(folder)
  await writeMarker(folder, task)
  await renderPubwikiIni({ folder, task, values: { WIKI_DB_NAME: database } })
  const said = async () => {
    const read = await readIniValues(folder, keys)
    return { used: String(read[keys[0]]), next: read[keys[1]], secret: read[keys[2]] }
  }
  const { used: old } = await said()
  const made = { server: databases.server, slug, task }
  await createWikiDatabase({ ...made, password: old })
  await store.wikis.insert({
    ...{ engine: 'mediawiki', address: slug, name: slug, status: 'active', visibility: 'public' },
    ...{ ownerId: 1, ownerName: 'Ada', ownerSubject: 'ada', customDomain: false, language: 'en' },
    ...{ host: host ?? slug, taskId },
  })
  const isLetIn = async (password: string): Promise<boolean> =>
    databases.as(database, password, database).then(
      async (connection) => {
        await connection.query('CREATE TABLE IF NOT EXISTS page (id INT)')
        await connection.end()
        return true
      },
      () => false,
    )
  return { slug, folder, old, made, said, isLetIn }
}
