/** What a change of a wiki does in our own rows when its last phase has ended: all of it at once. */
import type { ChangeMediaWikiWorkflowInput, TaskEvent } from '@wikistead/contracts'
import type { Scope, TaskRow } from '@wikistead/store'
import type { Life } from '@wikistead/tasks/step'
import { requireWiki } from '../phases/task-wiki.ts'

export type ChangeWikiInput = ChangeMediaWikiWorkflowInput & Life

export const ownerStep = 'change_owner'
export const settingsStep = 'change_settings'

export const changesSettings = ({ name, visibility, serving }: ChangeWikiInput): boolean =>
  (name ?? visibility ?? serving) !== undefined

/** In the transaction that ends the task. */
export async function settleChange(
  scope: Scope,
  task: TaskRow,
  { slug, name, visibility, serving, owner }: ChangeWikiInput,
): Promise<TaskEvent> {
  const { task_id: taskId } = task
  const wikiId = requireWiki(task)
  await scope.wikis.change(wikiId, {
    status: 'active',
    ...(name !== undefined && { name }),
    ...(visibility !== undefined && { visibility }),
    ...(serving !== undefined && { serving }),
    ...(owner !== undefined && { owner_id: owner.userId, owner_name: owner.name, owner_subject: '' }),
  })
  await scope.wikis.letGo(wikiId, taskId)
  for (const step of [ownerStep, settingsStep]) {
    if ((await scope.ledger.get(taskId, step)) !== undefined) await scope.ledger.settle(taskId, step, 'made')
  }
  return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${slug} is changed.` }
}
