/** What a MediaWiki wiki's own address says of it, by what the store knows. Nothing is written. */
import type { WikiStatus as FrontStatus } from '@wikistead/mediawiki-template'
import type { Store, WikiRow } from '@wikistead/store'

/** @throws when the store does not answer */
export async function wikiStatus(store: Store, slug: string): Promise<FrontStatus> {
  const row = (await store.wikis.byClaim('mediawiki', slug)) ?? (await lastWithout(store, slug))
  if (row === undefined) return { state: 'unknown' }
  if (row.suspension_reason !== null && row.claim !== null) {
    const reason = `The operators of the farm have taken it out of service. The reason that they gave: ${row.suspension_reason}`
    return { state: 'suspended', message: reason }
  }
  switch (row.status) {
    case 'active':
    case 'changing':
      return { state: row.serving === 'archived' ? 'archived' : 'ready' }
    case 'creating':
      return { state: 'creating', progress: await progressOf(store, row) }
    case 'restoring':
      return {
        ...{ state: 'creating', message: 'It is being brought back, and opens here by itself.' },
        progress: await progressOf(store, row),
      }
    case 'deleting':
    case 'archived':
      return { state: 'deleted', message: restorable(row) }
    case 'purging':
    case 'deleted':
    case 'removed':
      return { state: 'deleted', message: 'It is gone for good.' }
    case 'failed':
      return { state: 'failed' }
  }
}

/** Whoever had this address last, and holds it no more. */
async function lastWithout(store: Store, slug: string): Promise<WikiRow | undefined> {
  const [deleted, failed] = await Promise.all([
    store.wikis.tombstone('mediawiki', slug),
    lastFailed(store, slug),
  ])
  if (deleted === undefined || failed === undefined) return deleted ?? failed
  return deleted.wiki_id > failed.wiki_id ? deleted : failed
}

async function lastFailed(store: Store, slug: string): Promise<WikiRow | undefined> {
  const limit = 200
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const rows = await store.wikis.list({ engine: 'mediawiki', status: 'failed', text: slug, before, limit })
    const found = rows.find(({ address }) => address === slug)
    const last = rows.at(-1)
    if (found !== undefined || last === undefined || rows.length < limit) return found
    before = last.wiki_id
  }
}

/** In percent, of the task that is at work on it. */
async function progressOf(store: Store, { task_id: taskId }: WikiRow): Promise<number | undefined> {
  return taskId === null ? undefined : (await store.tasks.find(taskId))?.progress
}

/** Undefined, for the page's own words, when the end of the undo window is not known yet. */
function restorable({ purge_after: until }: WikiRow): string | undefined {
  if (until === null) return undefined
  const moment = new Date(until).toISOString().slice(0, 16).replace('T', ' ')
  return `Its owner can bring it back until ${moment} UTC.`
}
