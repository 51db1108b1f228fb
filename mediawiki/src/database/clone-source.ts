/**
 * The database that new wikis of a language are cloned from: that of a fresh wiki, installed once for each language and
 * template, and never touched again. Its comment says how far it is; while it is being made, whoever else needs it
 * waits, on whatever host. What a killed attempt left of it is swept away, its user first: a forgotten installer of it
 * can do no more harm.
 */
import { createHash } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import { escapeId } from 'mysql2'
import { errno, errnoOf } from './database-errors.ts'
import {
  withDatabaseServer,
  type AdminConnection,
  type DatabaseServer,
  type DatabaseWork,
} from './database-server.ts'
import { account, createUser, endConnections } from './database-user.ts'
import { installFreshWiki, makeFreshWiki, type FreshInstall, type FreshWikiOptions } from './fresh-wiki.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { requireLanguage } from '../names/site-name.ts'
import { templatePrint } from './template-print.ts'
import { allOf, wikiRights } from './wiki-rights.ts'

export interface CloneSource extends FreshWikiOptions, FreshInstall, DatabaseWork {
  readonly server: DatabaseServer
  readonly signal?: AbortSignal | undefined
}

/**
 * The database's name, once it is whole.
 * @throws Refusal `template_missing`, `unknown_language`, `folder_unwritable`, `database_foreign`,
 * `database_rights_missing`; ProvisioningFault and RunnerFault for everything that may mend itself
 */
export async function ensureCloneSource(wanted: CloneSource): Promise<string> {
  const { signal, deadlineMs = 5 * 60_000 } = wanted
  const print = await printOf(wanted)
  const database = cloneSourceName(wanted.language, print)
  const until = performance.now() + deadlineMs
  for (;;) {
    const work = { signal, deadlineMs: Math.max(1, Math.ceil(until - performance.now())) }
    try {
      await ensure(database, print, { ...wanted, ...work })
      return database
    } catch (error) {
      // Somebody else is making it.
      const waits = error instanceof ProvisioningFault && error.reason === 'locked'
      if (!waits || performance.now() >= until) throw error
    }
  }
}

/** No slug has it: hyphens in third and fourth place are not a slug's. */
export function cloneSourceName(language: string, print: string): string {
  return `wf__${requireLanguage(language).replaceAll('-', '_')}_${print}`
}

const comments = { begun: 'wikistead fresh=begun', done: 'wikistead fresh=done' } as const

async function printOf({ template, farm }: CloneSource): Promise<string> {
  const more = JSON.stringify(Object.entries(farm.more ?? {}).sort())
  return createHash('sha256')
    .update(`${await templatePrint(template)}\0${more}`)
    .digest('hex')
    .slice(0, 24)
}

async function stateOf(admin: AdminConnection, database: string): Promise<keyof typeof comments | 'free'> {
  const [row] = await admin.rows<{ comment: string }>(
    'SELECT SCHEMA_COMMENT AS comment FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  )
  if (row === undefined) return 'free'
  if (row.comment === comments.begun) return 'begun'
  if (row.comment === comments.done) return 'done'
  throw foreign(database)
}

async function ensure(database: string, print: string, wanted: CloneSource): Promise<void> {
  // Whoever is through with the server is through with the installer.
  const through = new AbortController()
  const signals = [through.signal, ...(wanted.signal === undefined ? [] : [wanted.signal])]
  const source = { ...wanted, signal: AbortSignal.any(signals) }
  try {
    await withDatabaseServer(wanted.server, database, wanted, async (admin) => {
      const state = await stateOf(admin, database)
      if (state === 'done') return
      if (state === 'begun') await remove(admin, database)
      await make(admin, database, print, source)
    })
  } finally {
    through.abort(new Error('The fresh wiki is no longer waited for.'))
  }
}

async function make(
  admin: AdminConnection,
  database: string,
  print: string,
  source: CloneSource,
): Promise<void> {
  await admin.run(
    `CREATE DATABASE ${escapeId(database, true)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT = ?`,
    [comments.begun],
  )
  try {
    await using wiki = await makeFreshWiki(database, source)
    await createUser(admin, database, wiki.password)
    await admin.run(`GRANT ${wikiRights.join(', ')} ON ${allOf(database)} TO ${account(database)}`)
    await installFreshWiki(database, wiki, source)
    if ((await printOf(source).catch(() => undefined)) !== print) {
      throw new ProvisioningFault('The template was changed while it was copied.', 'template_changed')
    }
    await removeUser(admin, database)
    await admin.run(`ALTER DATABASE ${escapeId(database, true)} COMMENT = ?`, [comments.done])
  } catch (error) {
    if (errnoOf(error) === errno.cannotUser) {
      await admin.run(`DROP DATABASE ${escapeId(database, true)}`)
      throw foreign(database)
    }
    // As if it had never been tried; when the server is gone, that is left to the next attempt.
    await remove(admin, database).catch(() => undefined)
    throw error
  }
}

async function remove(admin: AdminConnection, database: string): Promise<void> {
  await removeUser(admin, database)
  await admin.run(`DROP DATABASE ${escapeId(database, true)}`)
}

async function removeUser(admin: AdminConnection, database: string): Promise<void> {
  await admin.run(`DROP USER IF EXISTS ${account(database)}`)
  await endConnections(admin, database)
}

function foreign(database: string): Refusal {
  return new Refusal(
    'database_foreign',
    `There is a database or user ${database} that Wikistead did not make.`,
  )
}
