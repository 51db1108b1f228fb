/** What a MediaWiki engine stands on, all of it in one data folder: packages, a MariaDB, a template. */
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { extensionBundle } from '@wikistead/extension'
import { buildTemplate, obtainMediaWikiTree } from '@wikistead/mediawiki-template'
import { cacheFolder } from '../parts/cache-folder.ts'
import { ourUsers, provideChildUser, type PlannedChild } from './child-users.ts'
import { startEmbeddedMariadb } from './embedded-mariadb.ts'
import { giveWikis } from './give-wikis.ts'
import type { Environment } from '../parts/environment.ts'
import type { PartWatch } from '../parts/part-watch.ts'
import { keptSecret } from '../parts/kept-secret.ts'
import { ensureMediaWikiPackages } from './mediawiki-packages.ts'

export interface PreparedMediaWiki extends AsyncDisposable {
  /** By their names. */
  readonly settings: Readonly<Record<string, string>>
  /** One line. */
  readonly explanation: string
}

export interface MediaWikiPlace {
  readonly dataFolder: string
  readonly env: Environment['env']
  /** Whom PHP and MariaDB run as, where this process is root. */
  readonly phpUser: string
  readonly mariadbUser: string
  /** Where the front will listen: it is in the wikis' addresses. */
  readonly frontPort: number
  readonly onNote: (line: string) => void
  readonly logger: Environment['logger']
  readonly watch: PartWatch
}

const rootHost = 'mediawiki.localhost'
const hubDatabase = 'hub'

/** Whom PHP of a demo runs as, unless a setting says otherwise. */
export const demoPhpUser = ourUsers.php

/** @throws SetupError with what to do */
export async function prepareMediaWiki(place: MediaWikiPlace): Promise<PreparedMediaWiki> {
  const { dataFolder, env, frontPort, onNote, logger } = place
  await ensureMediaWikiPackages(env, onNote)
  const folder = demoFolder(dataFolder)
  const [wikis, oauth, template] = [join(folder, 'wikis'), join(folder, 'oauth'), join(folder, 'template')]
  for (const each of [folder, wikis, oauth]) await mkdir(each, { recursive: true, mode: 0o700 })
  const php = await provideChildUser(plannedPhp(dataFolder, place.phpUser), logger)
  const hub = php && (await provideChildUser(plannedHub(dataFolder), logger))
  if (php !== undefined) {
    // PHP goes through here; in the data folder they are closed to all others.
    for (const each of [folder, wikis, oauth]) await chmod(each, 0o711)
    await giveWikis({ wikis, oauth, userOf: (slug) => (slug === hubDatabase ? (hub ?? php) : php) })
  }
  const tree = await obtainMediaWikiTree({
    named: env['WIKISTEAD_MEDIAWIKI'],
    cacheFolder: cacheFolder(env, dataFolder),
    onProgress: onNote,
  })
  const extension = await extensionBundle(cacheFolder(env, dataFolder), () => {
    onNote('building the extension WikiFarm')
  })
  await buildTemplate({
    ...{
      mediawikiTree: tree.path,
      target: template,
      scheme: 'http',
      port: frontPort,
      thin: true,
      extras: true,
    },
    core: join(folder, `core-${tree.version}`),
    extension,
    ...(php !== undefined && { phpUser: php }),
  })
  const mariadbUser = await provideChildUser(plannedMariadb(dataFolder, place.mariadbUser), logger)
  const mariadb = await startEmbeddedMariadb(mariadbFolder(dataFolder), place.watch, mariadbUser)
  return {
    explanation: `MediaWiki ${tree.version}, ${tree.explanation}; MariaDB on 127.0.0.1:${String(mariadb.port)}`,
    settings: {
      'wikifarm-dir': wikis,
      'wikifarm-oauth-dir': oauth,
      'wikifarm-template': template,
      'wikifarm-runner': 'host',
      'wikifarm-php-user':
        php?.name ?? `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`,
      ...(hub !== undefined && { 'wikifarm-hub-php-user': hub.name }),
      'wiki-root-host': rootHost,
      'wiki-shared-db-name': hubDatabase,
      'wikifarm-service-secret': await keptSecret(join(folder, 'service-secret')),
      'wiki-db-host': `127.0.0.1:${String(mariadb.port)}`,
      'wiki-db-admin-user': mariadb.adminUser,
      'wiki-db-admin-password': mariadb.adminPassword,
      'mediawiki-wiki-url': `http://{domain}:${String(frontPort)}`,
    },
    [Symbol.asyncDispose]: () => mariadb[Symbol.asyncDispose](),
  }
}

const demoFolder = (dataFolder: string): string => join(dataFolder, 'mediawiki')
const mariadbFolder = (dataFolder: string): string => join(demoFolder(dataFolder), 'mariadb')

const plannedPhp = (dataFolder: string, name: string): PlannedChild => ({
  ...{ child: 'PHP', setting: 'wikifarm-php-user', name, sees: [demoFolder(dataFolder)] },
  pidFile: 'mediawiki/wikis/.front/php.log.pid',
})

const plannedHub = (dataFolder: string): PlannedChild => ({
  ...plannedPhp(dataFolder, ourUsers.hub),
  ...{ child: 'the hub’s PHP', setting: 'wikifarm-hub-php-user' },
})

const plannedMariadb = (dataFolder: string, name: string): PlannedChild => ({
  ...{ child: 'MariaDB', setting: 'mariadb-user', name, sees: [mariadbFolder(dataFolder)] },
  pidFile: 'mediawiki/mariadb/mariadb.log.pid',
})
