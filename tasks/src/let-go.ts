import type { Scope, TaskRow } from '@wikistead/store'

/** The wiki's row as it was before a task that ends with nothing to undo; a name that was claimed for it is free. */
export async function letGoAsBefore(
  { wikis }: Scope,
  { task_id: taskId, wiki_id: wikiId }: TaskRow,
): Promise<void> {
  const wiki = wikiId === null ? undefined : await wikis.find(wikiId)
  if (wiki?.task_id !== taskId) return
  if (wiki.status === 'creating') return wikis.release(wiki.wiki_id, 'failed')
  await wikis.change(wiki.wiki_id, { status: wiki.purge_after === null ? 'active' : 'archived' })
  await wikis.letGo(wiki.wiki_id, taskId)
}
