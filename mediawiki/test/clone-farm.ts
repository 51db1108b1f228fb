/** A farm that makes its wikis with the product's own steps, by the installer or as clones of a fresh wiki. */
import { eventually } from '@wikistead/test/eventually'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestWiki } from '@wikistead/mediawiki-template/test/test-farm'
import { hostOf, startTestSite, type TestSite } from '@wikistead/mediawiki-template/test/test-site'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { inject } from 'vitest'
import { cloneDatabase } from '../src/database/clone-database.ts'
import { ensureCloneSource, type CloneSource } from '../src/database/clone-source.ts'
import type { DatabaseServer } from '../src/database/database-server.ts'
import { copyDirectory } from '../src/folder/directory-copy.ts'
import { founderCommand, readFounder, type Founder } from '../src/phases/founder.ts'
import { createHostRunner, type HostRunnerOptions } from '../src/runners/host-runner.ts'
import { readDatabasePassword, renderPubwikiIni, setBootstrapping } from '../src/ini/pubwiki-file.ts'
import { pubwikiValues } from '../src/ini/pubwiki-values.ts'
import type { Runner } from '../src/runners/runner.ts'
import { parseSiteName } from '../src/names/site-name.ts'
import { databaseName } from '../src/names/slug.ts'
import { createWikiDatabase, undoWikiDatabase } from '../src/database/wiki-database.ts'

export interface NewTestWiki {
  readonly name: string
  readonly language: string
  readonly by: 'installer' | 'clone'
}

export interface MadeWiki extends Pick<TestWiki, 'query'> {
  readonly slug: string
  readonly host: string
  readonly folder: string
  readonly database: string
  /** Answers the standard output; throws when it fails. */
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<string[]>
  promote(name: string): Promise<Founder>
  /** From now on the front serves it. */
  open(): Promise<void>
}

export interface CloneFarm extends AsyncDisposable {
  readonly site: TestSite
  readonly runner: Runner
  readonly host: HostRunnerOptions
  readonly server: DatabaseServer
  /** For `ensureCloneSource`. */
  readonly source: Omit<CloneSource, 'runner' | 'language'>
  query(statement: string): Promise<RowDataPacket[]>
  /** Not in service, and without a founder. */
  make(wiki: NewTestWiki): Promise<MadeWiki>
}

const task = 'task-1'

/** Every wiki has these extensions. */
export async function startCloneFarm(extensions: readonly string[] = []): Promise<CloneFarm> {
  await using started = new AsyncDisposableStack()
  const site = started.use(await startTestSite())
  const { folder, template, wikisFolder, port, sql } = site.farm
  const loaded = extensions.map((name) => `wfLoadExtension( '${name}' );\n`)
  await writeFile(join(template, 'FarmSettings.php'), `<?php\n${loaded.join('')}`)
  const { socketPath } = inject('mariadb')
  const server = { socketPath, user: 'root' }
  const farm = { rootHost: hostOf('').slice(1), dbHost: `127.0.0.1:${String(port)}` }
  const phpUser = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const host = { phpUser, filesFolder: join(folder, 'commands') }
  const runner = started.use(createHostRunner(host))
  const source = { server, template, wikisFolder, farm }
  const query = async (statement: string): Promise<RowDataPacket[]> =>
    (await sql.query<RowDataPacket[]>(statement))[0]
  started.defer(async () => {
    const fresh = await query(String.raw`SHOW DATABASES LIKE 'wf\_\_%'`)
    for (const row of fresh) await query(`DROP DATABASE ${String(Object.values(row)[0])}`)
  })
  const mark = randomBytes(4).toString('hex')
  let wikis = 0
  const running = started.move()

  const make = async ({ name, language, by }: NewTestWiki): Promise<MadeWiki> => {
    const slug = `w${mark}-${String((wikis += 1))}`
    const wikiFolder = join(wikisFolder, slug)
    const database = databaseName(slug)
    // The template may have been written just now.
    await eventually(() => copyDirectory({ farmFolder: wikisFolder, template, slug, task }))
    const values = pubwikiValues({ slug, farm, visibility: 'public', site: parseSiteName(name, language) })
    await renderPubwikiIni({ folder: wikiFolder, task, values })
    const password = (await readDatabasePassword(wikiFolder, task)) ?? ''
    running.defer(() => undoWikiDatabase({ server, slug, task }))
    await createWikiDatabase({ server, slug, task, password })
    const own = running.adopt(await createConnection({ socketPath, user: 'root', database }), (to) =>
      to.end(),
    )
    const run: MadeWiki['run'] = async (argv, env = {}) => {
      const lines: string[] = []
      const all: string[] = []
      const { exitCode } = await runner.run(
        {
          ...{ id: `${slug}/${randomBytes(4).toString('hex')}`, folder: wikiFolder, argv, env },
          timeLimitMs: 60_000,
        },
        {
          signal: new AbortController().signal,
          onOutput({ stream, line }) {
            all.push(line)
            if (stream === 'stdout') lines.push(line)
          },
        },
      )
      if (exitCode !== 0) throw new Error(all.join('\n'))
      return lines
    }
    if (by === 'installer') await run(['php', 'maintenance/run', 'installPreConfigured'])
    else {
      const from = await ensureCloneSource({ ...source, runner, language })
      await cloneDatabase({ server, slug, task, password, source: from })
    }
    return {
      ...{ slug, host: hostOf(slug), folder: wikiFolder, database, run },
      query: async (statement) => (await own.query<RowDataPacket[]>(statement))[0],
      async promote(name) {
        const { argv, env } = founderCommand({ name, userId: 1 })
        return readFounder(await run(argv, env))
      },
      async open() {
        await setBootstrapping(wikiFolder, false)
        site.statuses.set(slug, { state: 'ready' })
      },
    }
  }
  return {
    ...{ site, runner, host, server, source, query, make },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
