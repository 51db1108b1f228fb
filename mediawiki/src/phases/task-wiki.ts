import { join } from 'node:path'
import { Refusal, type CreateMediaWikiWorkflowInput, type MediaWikiTaskInput } from '@wikistead/contracts'
import type { Store, TaskRow } from '@wikistead/store'
import type { Life } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { readDatabasePassword } from '../ini/pubwiki-file.ts'

export type CreateWikiInput = CreateMediaWikiWorkflowInput & Life
export type WikiInput = MediaWikiTaskInput & Life

/** The id of the wiki that the task works on. @throws Refusal `wiki_not_found` */
export function requireWiki({ task_id: taskId, wiki_id: wikiId }: TaskRow): number {
  if (wikiId === null) throw new Refusal('wiki_not_found', `Task ${taskId} has no wiki.`)
  return wikiId
}

/** The task whose mark is on the wiki's folder, keys and database. @throws Refusal `wiki_not_found` */
export async function makerOf(store: Store, wikiId: number): Promise<string> {
  const [maker] = await store.tasks.list({ wikiId, kind: 'create_wiki', limit: 1 })
  if (maker === undefined) throw new Refusal('wiki_not_found', 'It is not known which task made this wiki.')
  return maker.task_id
}

export const folderOf = ({ folders }: MediaWikiDeps, slug: string): string => join(folders.wikis, slug)

/** What the task wrote into the wiki's pubwiki.ini. @throws ProvisioningFault when there is none of this task */
export async function requireDatabasePassword(
  deps: MediaWikiDeps,
  slug: string,
  taskId: string,
): Promise<string> {
  const password = await readDatabasePassword(folderOf(deps, slug), taskId)
  if (password !== undefined) return password
  throw new ProvisioningFault('The wiki’s pubwiki.ini holds no password of this task.', 'no_password')
}
