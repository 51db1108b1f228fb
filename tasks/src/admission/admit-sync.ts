/** One sync at a time: two that compare the same rows would only be in each other's way. */
import { operationOf, Refusal } from '@wikistead/contracts'
import type { Scope, Store, TaskRow } from '@wikistead/store'

export interface SyncRequest {
  readonly taskId: string
  /** Whose task it is, and who gets sites that nobody known owns. */
  readonly defaultUserId: number
}

/**
 * The sync's row and its first event; the row that is there already when it was let in before.
 * @throws Refusal `sync_running`, `user_not_found`
 */
export async function admitSync(store: Store, { taskId, defaultUserId }: SyncRequest): Promise<TaskRow> {
  return store.transaction(async (scope) => {
    const known = await scope.tasks.find(taskId)
    if (known !== undefined) return known
    await refuseSecondSync(scope, taskId)
    // Whoever asked for it and its own first activity may let it in at the same time.
    const meanwhile = await scope.tasks.find(taskId)
    if (meanwhile !== undefined) return meanwhile
    await scope.users.get(defaultUserId)
    const { workflow, begins } = operationOf('sync_sites', 'fedwiki')
    return scope.tasks.insert({
      ...{ taskId, kind: 'sync_sites', engine: 'fedwiki', wikiId: null, userId: defaultUserId },
      ...{ workflowType: workflow, input: { defaultUserId }, message: begins('') },
    })
  })
}

/** @throws Refusal `sync_running` while another sync is open */
export async function refuseSecondSync(scope: Scope, taskId: string): Promise<void> {
  // Writing it first lets one transaction at a time past this line.
  await scope.settings.set('fedwiki_sync_last', taskId)
  const other = (await scope.tasks.openOfKind('sync_sites')).find((task) => task.task_id !== taskId)
  if (other !== undefined) throw syncRunning(other.task_id)
}

export const syncRunning = (taskId: string): Refusal =>
  new Refusal('sync_running', 'A sync is running already. Wait for it to end.', { task_id: taskId })

const defaultUserSetting = 'fedwiki_sync_default_user'

/** Who gets sites that nobody known owns, as whoever made the schedule has it; undefined before a release that keeps it. */
export async function storedDefaultUser({ settings }: Pick<Store, 'settings'>): Promise<number | undefined> {
  const stored = await settings.get(defaultUserSetting)
  return stored === undefined ? undefined : Number(stored)
}

export async function keepDefaultUser({ settings }: Pick<Store, 'settings'>, userId: number): Promise<void> {
  await settings.set(defaultUserSetting, String(userId))
}
