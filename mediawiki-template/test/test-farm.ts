/**
 * Real wikis for the tests: copies of a template, each with its database, its user and a pubwiki.ini written by hand,
 * installed and run by real PHP.
 */
import type {} from '@wikistead/test/provided'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tryLock, type ExclusiveLock } from '@wikistead/processes'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { inject } from 'vitest'
import { buildTemplate, type TemplateOptions } from '../src/build-template.ts'
import { mediaWikiVersion, obtainMediaWikiTree } from '../src/mediawiki-tree.ts'

export const run = promisify(execFile)
export const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
export const rootHost = 'wikis.example'

/** Kept between runs. */
export async function mediawikiTree(): Promise<string> {
  const tree = await obtainMediaWikiTree({
    named: process.env['WIKISTEAD_MEDIAWIKI'],
    cacheFolder,
    onProgress: (line) => console.log(line),
  })
  return tree.path
}

/**
 * Its core is kept between runs, too, unless the test names one: 27,000 files take their time on some disks. One test file
 * at a time makes or renews it.
 */
export async function thinTemplate(
  target: string,
  { core: own, ...more }: Pick<TemplateOptions, 'extension' | 'port' | 'core'> = {},
): Promise<void> {
  const mediawiki = await mediawikiTree()
  const core = own ?? join(cacheFolder, `test-core-${(await mediaWikiVersion(mediawiki)) ?? ''}`)
  using _lock = await lockOf(`${core}.lock`)
  await buildTemplate({ mediawikiTree: mediawiki, target, thin: true, core, scheme: 'http', ...more })
}

async function lockOf(file: string): Promise<ExclusiveLock> {
  for (;;) {
    const lock = tryLock(file)
    if (lock !== undefined) return lock
    await sleep(100)
  }
}

export interface TestWiki {
  readonly slug: string
  readonly folder: string
  readonly database: string
  readonly password: string
  /** Changes lines of its pubwiki.ini, or adds them. */
  configure(values: Readonly<Record<string, string>>): Promise<void>
  /** `php maintenance/run …` in its folder; rejects with what was written when it fails. */
  maintenance(...args: readonly string[]): Promise<{ stdout: string; stderr: string }>
  install(): Promise<void>
  query(sql: string): Promise<RowDataPacket[]>
}

export interface TestFarm extends AsyncDisposable {
  readonly folder: string
  readonly wikisFolder: string
  readonly template: string
  /** MariaDB's, on 127.0.0.1. */
  readonly port: number
  /** As root, in no database. */
  readonly sql: Connection
  /** A copy of the template, or `made`, which is another's copy already; with a database, not installed. */
  makeWiki(slug: string, values?: Readonly<Record<string, string>>, made?: string): Promise<TestWiki>
}

/** With a thin template. */
export async function startTestFarm(): Promise<TestFarm> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-mediawiki-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const template = join(folder, 'template')
  const wikisFolder = join(folder, 'wikis')
  await mkdir(wikisFolder)
  await thinTemplate(template)
  const { socketPath, port } = inject('mariadb')
  const sql = await createConnection({ socketPath, user: 'root' })
  started.defer(() => sql.end())
  // Databases are the whole run's: two test files may both have a wiki called ada.
  const prefix = `w${randomBytes(4).toString('hex')}_`
  started.defer(async () => {
    const [users] = await sql.query<RowDataPacket[]>('SELECT User FROM mysql.user WHERE User LIKE ?', [
      `${prefix}%`,
    ])
    for (const { User: name } of users) await sql.query(`DROP USER ${String(name)}`)
    const [databases] = await sql.query<RowDataPacket[]>(`SHOW DATABASES LIKE '${prefix}%'`)
    for (const row of databases) await sql.query(`DROP DATABASE ${String(Object.values(row)[0])}`)
  })
  const running = started.move()

  const makeWiki: TestFarm['makeWiki'] = async (slug, values = {}, made) => {
    const wikiFolder = join(wikisFolder, slug)
    const database = `${prefix}${slug}`
    const password = randomBytes(16).toString('base64url')
    if (made === undefined) await run('cp', ['-a', template, wikiFolder])
    else await rename(made, wikiFolder)
    await sql.query(`CREATE DATABASE ${database}`)
    await sql.query(`CREATE USER ${database}@'%' IDENTIFIED BY '${password}'`)
    // As a farm gives them (`mediawiki/src/database/wiki-rights.ts`): whatever MediaWiki does here, it does with these.
    await sql.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES
        ON ${database}.* TO ${database}@'%'`,
    )
    const shared = values['WIKI_SHARED_DB_NAME']
    for (const table of shared === undefined ? [] : ['user', 'user_properties', 'actor']) {
      await sql.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${shared}.${table} TO ${database}@'%'`)
    }
    const own = running.adopt(await createConnection({ socketPath, user: 'root', database }), (to) =>
      to.end(),
    )
    const ini = join(wikiFolder, 'pubwiki.ini')
    const configure: TestWiki['configure'] = async (changed) => {
      let text = await readFile(ini, 'utf8')
      for (const [key, value] of Object.entries(changed)) {
        const line = `${key}="${value.replace(/["\\$]/g, '\\$&')}"`
        const known = new RegExp(`^${key}=.*$`, 'm')
        text = known.test(text) ? text.replace(known, () => line) : `${text}${line}\n`
      }
      await writeFile(ini, text)
    }
    await configure({
      WIKI_SITE_NAME: `The wiki ${slug}`,
      WIKI_ROOT_HOST: rootHost,
      WIKI_HOST_URL: `${slug}.${rootHost}`,
      WIKI_VISIBILITY: 'public',
      WIKI_DB_HOST: `127.0.0.1:${port}`,
      WIKI_DB_NAME: database,
      WIKI_DB_USER: database,
      WIKI_DB_PASSWORD: password,
      ...values,
    })
    const maintenance: TestWiki['maintenance'] = (...args) =>
      run('php', ['maintenance/run', ...args], { cwd: wikiFolder, env, maxBuffer: 64 * 1024 * 1024 })
    return {
      slug,
      folder: wikiFolder,
      database,
      password,
      configure,
      maintenance,
      async install() {
        await maintenance('installPreConfigured')
        await configure({ WIKI_BOOTSTRAPING: 'false' })
      },
      async query(statement) {
        const [rows] = await own.query<RowDataPacket[]>(statement)
        return rows
      },
    }
  }
  return {
    folder,
    wikisFolder,
    template,
    port,
    sql,
    makeWiki,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
