/**
 * The readers of a private wiki that shares a hub's accounts: those in one of its groups that read. They are told and changed in
 * the wiki's own database, as the wiki's own user, so that the wiki itself lets in whom it should and nobody else, whether we
 * are there or not.
 */
import { Context } from '@temporalio/activity'
import {
  AskedOfReaders,
  readingGroups,
  Refusal,
  type KnownReader,
  type WikiReadersInput,
  type WikiReadersOutput,
} from '@wikistead/contracts'
import { escapeId } from 'mysql2'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { withWikiDatabase, type WikiConnection } from '../database/database-server.ts'
import { readIniValues } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import { folderOf } from '../phases/task-wiki.ts'

/** As many as are told at once, of readers and of accounts that are looked for. */
const most = { readers: 200, found: 20 }

/** @throws Refusal `readers_not_kept`, `hub_account_not_found`, `reader_stays`, `template_broken`; faults while MariaDB is away */
export function wikiReaders(deps: MediaWikiDeps) {
  return async ({ slug, key }: WikiReadersInput): Promise<WikiReadersOutput> => {
    const asked = AskedOfReaders.safeParse((await deps.store.once.find('wiki_readers', key))?.detail)
    // Whoever else can speak to Temporal has no such key.
    if (!asked.success || asked.data.slug !== slug) {
      throw new Refusal('readers_not_kept', 'Nobody has asked this, or its time is over. Ask once more.')
    }
    const { ask } = asked.data
    const database = databaseName(slug)
    const {
      WIKI_SHARED_DB_NAME: shared = '',
      WIKI_VISIBILITY: visibility,
      WIKI_DB_PASSWORD: password,
    } = await readIniValues(folderOf(deps, slug), [
      ...(['WIKI_SHARED_DB_NAME', 'WIKI_VISIBILITY', 'WIKI_DB_PASSWORD'] as const),
    ])
    const hub = deps.farm.sharedDatabase
    if (hub === undefined || shared !== hub || hub === database) {
      throw new Refusal(
        'readers_not_kept',
        'This wiki has accounts of its own, and who has one reads it. Accounts are made there: Special:CreateAccount.',
      )
    }
    if (visibility === 'public') throw new Refusal('readers_not_kept', `${slug} is read by everybody.`)
    if (typeof password !== 'string') {
      throw new Refusal(
        'template_broken',
        'The wiki’s pubwiki.ini holds no WIKI_DB_PASSWORD. An operator puts it there.',
      )
    }
    const work = { signal: Context.current().cancellationSignal, deadlineMs: 15_000 }
    return withWikiDatabase(deps.server, { user: database, password }, work, async (wiki) => {
      const tables = new ReaderTables(wiki, escapeId(database), escapeId(hub))
      if (ask.do === 'list') return told(await tables.readers(ask.text, most.readers + 1), most.readers)
      if (ask.do === 'find') return told(await tables.accounts(ask.text, most.found + 1), most.found)
      const wanted = 'name' in ask ? await tables.named(ask.name) : await tables.numbered(ask.account)
      if (wanted === undefined) {
        throw new Refusal(
          'hub_account_not_found',
          'The hub has no such account. Names are told exactly, small letters and all.',
        )
      }
      await (ask.do === 'add' ? tables.add(wanted.account) : tables.remove(wanted.account))
      const now = await tables.numbered(wanted.account)
      if (ask.do === 'remove' && now !== undefined && now.groups.length > 0) {
        throw new Refusal(
          'reader_stays',
          `${now.name} reads the wiki as ${now.groups.join(', ')}. Take that away there first: Special:UserRights.`,
        )
      }
      return { readers: now === undefined ? [] : [now], more: false }
    })
  }
}

const told = (found: readonly KnownReader[], limit: number): WikiReadersOutput => ({
  readers: found.slice(0, limit),
  more: found.length > limit,
})

interface Found {
  readonly account: number
  readonly name: Buffer
  readonly groups: Buffer | null
}

/** Both names are escaped. */
class ReaderTables {
  readonly #wiki: WikiConnection
  readonly #database: string
  readonly #hub: string

  constructor(wiki: WikiConnection, database: string, hub: string) {
    this.#wiki = wiki
    this.#database = database
    this.#hub = hub
  }

  /** Who reads, by their names. */
  readers(beginning: string | undefined, limit: number): Promise<KnownReader[]> {
    return this.#select('JOIN', beginning === undefined ? {} : { name: `${pattern(beginning)}%` }, limit)
  }

  /** Accounts of the hub, by their names. */
  accounts(beginning: string, limit: number): Promise<KnownReader[]> {
    return this.#select('LEFT JOIN', { name: `${pattern(canonical(beginning))}%` }, limit)
  }

  async named(name: string): Promise<KnownReader | undefined> {
    return (await this.#select('LEFT JOIN', { name: pattern(canonical(name)) }, 1))[0]
  }

  async numbered(account: number): Promise<KnownReader | undefined> {
    return (await this.#select('LEFT JOIN', { account }, 1))[0]
  }

  async add(account: number): Promise<void> {
    await this.#wiki.run(
      `REPLACE INTO ${this.#database}.user_groups (ug_user, ug_group, ug_expiry) VALUES (?, 'member', NULL)`,
      [account],
    )
  }

  async remove(account: number): Promise<void> {
    await this.#wiki.run(
      `DELETE FROM ${this.#database}.user_groups WHERE ug_user = ? AND ug_group = 'member'`,
      [account],
    )
  }

  async #select(
    join: 'JOIN' | 'LEFT JOIN',
    { name, account }: { readonly name?: string; readonly account?: number },
    limit: number,
  ): Promise<KnownReader[]> {
    const now = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)
    const rows = await this.#wiki.rows<Found>(
      `SELECT u.user_id AS account, LEFT(u.user_name, 255) AS name,
         LEFT(GROUP_CONCAT(g.ug_group ORDER BY g.ug_group), 255) AS \`groups\`
       FROM ${this.#hub}.user u ${join} ${this.#database}.user_groups g
         ON g.ug_user = u.user_id AND (g.ug_expiry IS NULL OR g.ug_expiry >= ?)
         AND g.ug_group IN (${readingGroups.map(() => '?').join()})
       WHERE ${[
         ...(name === undefined ? ['1'] : ['u.user_name LIKE ?']),
         ...(account === undefined ? [] : ['u.user_id = ?']),
       ].join(' AND ')}
       GROUP BY u.user_id, u.user_name ORDER BY u.user_name LIMIT ${String(limit)}`,
      [
        now,
        ...readingGroups,
        ...(name === undefined ? [] : [name]),
        ...(account === undefined ? [] : [account]),
      ],
    )
    return rows.map(({ account: number, name: bytes, groups }) => ({
      account: Number(number),
      name: bytes.toString(),
      groups: groups === null ? [] : groups.toString().split(','),
    }))
  }
}

/** As MediaWiki has names: no `_`, and the first letter is a capital. */
function canonical(name: string): string {
  const [first = '', ...rest] = name.replaceAll('_', ' ').trim()
  return first.toUpperCase() + rest.join('')
}

const pattern = (plain: string): string => plain.replaceAll(/[\\%_]/g, '\\$&')
