/**
 * A one-time link for a wiki's owner: the print of its key is put into the wiki's database, in the place of the one
 * before. `FirstSignIn.php` of the template does the rest, and only for the owner whom the wiki itself knows. It is done
 * as the wiki's own user: whatever stands in the place of these tables has no other rights.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Context } from '@temporalio/activity'
import { Refusal, type OfferFirstSignInInput, type OfferFirstSignInOutput } from '@wikistead/contracts'
import { escapeId } from 'mysql2'
import { requireAdmitted } from './admitted-sign-in.ts'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { withWikiDatabase } from '../database/database-server.ts'
import { readIniValues } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import { folderOf } from '../phases/task-wiki.ts'

/** @throws Refusal `sign_in_not_found`, `template_broken`; faults while MariaDB is away */
export function offerFirstSignIn(deps: MediaWikiDeps) {
  return async (input: OfferFirstSignInInput): Promise<OfferFirstSignInOutput> => {
    const { userId, slug, keyHash, until } = input
    await requireAdmitted(deps.store, input)
    const folder = folderOf(deps, slug)
    const database = databaseName(slug)
    const { WIKI_SHARED_DB_NAME: hub = '', WIKI_DB_PASSWORD: password } = await readIniValues(folder, [
      'WIKI_SHARED_DB_NAME',
      'WIKI_DB_PASSWORD',
    ])
    if (hub !== '' && hub !== false && hub !== database) {
      throw new Refusal(
        'sign_in_not_found',
        'This wiki shares the accounts of the hub: its owner signs in with theirs.',
      )
    }
    if (!existsSync(join(folder, 'FirstSignIn.php'))) {
      throw new Refusal(
        'template_broken',
        'The wiki has no FirstSignIn.php, which a template of today brings along. An operator puts it there.',
      )
    }
    if (typeof password !== 'string') {
      throw new Refusal(
        'template_broken',
        'The wiki’s pubwiki.ini holds no WIKI_DB_PASSWORD. An operator puts it there.',
      )
    }
    const table = `${escapeId(database)}.updatelog`
    const work = { signal: Context.current().cancellationSignal, deadlineMs: 15_000 }
    const { user, account } = await withWikiDatabase(
      deps.server,
      { user: database, password },
      work,
      async (wiki) => {
        const [row] = await wiki.rows<{ value: Buffer }>(
          `SELECT LEFT(ul_value, 4096) AS value FROM ${table} WHERE ul_key = 'wikistead owner' LIMIT 1`,
        )
        const owner = row && ownerIn(row.value.toString())
        if (owner?.user !== userId) {
          throw new Refusal(
            'sign_in_not_found',
            'The wiki does not know its owner by an account of their own.',
          )
        }
        const [account] = await wiki.rows<{ name: Buffer }>(
          `SELECT LEFT(user_name, 255) AS name FROM ${escapeId(database)}.user WHERE user_id = ? LIMIT 1`,
          [owner.account],
        )
        if (account === undefined) {
          throw new Refusal('sign_in_not_found', 'The account of the wiki’s owner is not there any more.')
        }
        await wiki.run(`REPLACE INTO ${table} (ul_key, ul_value) VALUES ('wikistead sign-in', ?)`, [
          JSON.stringify({ hash: keyHash, until, user: userId }),
        ])
        return { user: account.name.toString(), account: owner.account }
      },
    )
    if (deps.farm.sharedDatabase === database) await knowFounder(deps, userId, { user, account })
    return { user }
  }
}

/**
 * Who gets the key to the account of the hub's owner is who has that account, from the start: they need not link it. An
 * account that is somebody's already stays theirs.
 */
async function knowFounder(
  { store, hubIssuer: issuer }: MediaWikiDeps,
  userId: number,
  { user: name, account }: { readonly user: string; readonly account: number },
): Promise<void> {
  if (issuer === undefined) return
  const identity = { issuer, subject: String(account), name }
  await store
    .transaction(({ users }) => users.takeIdentity(userId, identity))
    .catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
}

/** As `makeFounder.php` writes it; the wiki's user may have written something else. */
function ownerIn(value: string): { readonly user: number; readonly account: number } | undefined {
  try {
    const { user, account } = JSON.parse(value) as { readonly user: unknown; readonly account: unknown }
    return typeof user === 'number' && typeof account === 'number' ? { user, account } : undefined
  } catch {
    return undefined
  }
}
