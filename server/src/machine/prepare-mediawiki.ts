/** What a MediaWiki engine stands on, all of it in one data folder: packages, a MariaDB, a template. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { extensionBundle } from '@wikistead/extension'
import { buildTemplate, obtainMediaWikiTree } from '@wikistead/mediawiki-template'
import { cacheFolder } from '../parts/cache-folder.ts'
import { startEmbeddedMariadb } from './embedded-mariadb.ts'
import type { Environment } from '../parts/environment.ts'
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
  /** Where the front will listen: it is in the wikis' addresses. */
  readonly frontPort: number
  readonly onNote: (line: string) => void
  readonly logger: Environment['logger']
}

const rootHost = 'mediawiki.localhost'

/** Scripts and front run as this process' own user. @throws SetupError with what to do */
export async function prepareMediaWiki(place: MediaWikiPlace): Promise<PreparedMediaWiki> {
  const { dataFolder, env, frontPort, onNote, logger } = place
  await ensureMediaWikiPackages(env, onNote)
  const folder = join(dataFolder, 'mediawiki')
  const [wikis, oauth, template] = [join(folder, 'wikis'), join(folder, 'oauth'), join(folder, 'template')]
  for (const each of [folder, wikis, oauth]) await mkdir(each, { recursive: true, mode: 0o700 })
  const tree = await obtainMediaWikiTree({
    named: env['WIKISTEAD_MEDIAWIKI'],
    cacheFolder: cacheFolder(env, dataFolder),
    onProgress: onNote,
  })
  const extension = await extensionBundle(cacheFolder(env, dataFolder), () => {
    onNote('building the extension WikiFarm')
  })
  await buildTemplate({
    ...{ mediawikiTree: tree.path, target: template, scheme: 'http', port: frontPort, thin: true },
    core: join(folder, `core-${tree.version}`),
    extension,
  })
  const mariadb = await startEmbeddedMariadb(join(folder, 'mariadb'), logger)
  return {
    explanation: `MediaWiki ${tree.version}, ${tree.explanation}; MariaDB on 127.0.0.1:${String(mariadb.port)}`,
    settings: {
      'wikifarm-dir': wikis,
      'wikifarm-oauth-dir': oauth,
      'wikifarm-template': template,
      'wikifarm-runner': 'host',
      'wikifarm-php-user': `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`,
      'wiki-root-host': rootHost,
      'wiki-shared-db-name': 'hub',
      'wikifarm-service-secret': await keptSecret(join(folder, 'service-secret')),
      'wiki-db-host': `127.0.0.1:${String(mariadb.port)}`,
      'wiki-db-admin-user': mariadb.adminUser,
      'wiki-db-admin-password': mariadb.adminPassword,
      'mediawiki-wiki-url': `http://{domain}:${String(frontPort)}`,
    },
    [Symbol.asyncDispose]: () => mariadb[Symbol.asyncDispose](),
  }
}
