/**
 * A host's wikis that an earlier release made: their users lose the rights that MediaWiki does not need. Once for each
 * wiki; afterwards it is one question to the server.
 */
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { narrowRights, usersWithMore } from '../database/narrow-rights.ts'
import { withDatabaseServer } from '../database/database-server.ts'
import { databaseName } from '../names/slug.ts'
import { madeWikis } from './made-wikis.ts'

/** Until the signal is aborted. @throws the first fault, once all the other wikis had their turn */
export async function narrowRightsOfHost(
  { store, server, log }: Pick<MediaWikiDeps, 'store' | 'server' | 'log'>,
  host: string,
  signal: AbortSignal,
): Promise<void> {
  // The lock of no wiki: a slug has no space in it.
  const wide = await withDatabaseServer(server, 'all rights', { signal }, usersWithMore)
  if (wide.size === 0) return
  let first: { readonly error: unknown } | undefined
  for await (const { address: slug } of madeWikis(store, host)) {
    signal.throwIfAborted()
    if (!wide.has(databaseName(slug))) continue
    try {
      const narrowed = await narrowRights(server, slug, { signal })
      if (narrowed === undefined) continue
      const { rights, leftBehind } = narrowed
      log.warn({ slug, rights, left_behind: leftBehind }, told)
    } catch (error) {
      first ??= { error }
    }
  }
  if (first !== undefined) throw first.error
}

const told =
  'the wiki’s database user had more rights than MediaWiki needs; they are taken away. What it made with them is left, and nobody but this user should read it'
