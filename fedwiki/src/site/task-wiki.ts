import { Refusal } from '@wikistead/contracts'
import type { TaskRow } from '@wikistead/store'

/** The id of the wiki that the task works on. @throws Refusal `wiki_not_found` */
export function requireWiki({ task_id: taskId, wiki_id: wikiId }: TaskRow): number {
  if (wikiId === null) throw new Refusal('wiki_not_found', `Task ${taskId} has no wiki.`)
  return wikiId
}
