import { Context } from '@temporalio/activity'
import type { RefusalCode } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import type { Life } from './step.ts'

export interface Closing extends Life {
  readonly code: RefusalCode
  /** The sentence for the user. */
  readonly message: string
  /** Stands beside the sentence; '' for none. */
  readonly supportUrl: string
}

type CloseTaskInput = Closing & {
  /** What had gone wrong before undoing it did. */
  readonly cause: RefusalCode
}

export type TaskActivities = ReturnType<typeof createTaskActivities>

/** What tasks of every engine need; it touches our own rows only. */
export function createTaskActivities(deps: { readonly store: Store }) {
  return { CloseTaskActivity: closeTask(deps) }
}

/** Closes a task whose rollback left something: its name stays claimed, an alarm says what is left. */
function closeTask({ store }: { readonly store: Store }) {
  return async ({ run, code, message, supportUrl, cause }: CloseTaskInput): Promise<void> => {
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    if ((await store.tasks.find(taskId)) === undefined) return
    await store.transaction(async (scope) => {
      // A rollback that was given up for lost may have come to its end after all.
      const held = await scope.tasks.hold(taskId)
      if (held.run !== run || held.ended_at !== null) return
      const left = await scope.ledger.open(taskId)
      await scope.alarms.raise({
        code: 'rollback_incomplete',
        subject: taskId,
        message: `Task ${taskId} failed (${cause}) and could not be undone: ${left.map(({ step, detail }) => `${step} ${detail}`).join('; ')}.`,
        mend: 'Bring back what is away; the rollback is tried again every minute and clears this.',
      })
      await scope.tasks.append({
        ...{ taskId, run, dedupeKey: `${String(run)}/closed` },
        event: {
          ...{ type: 'status', status: 'failed', code, message },
          ...(held.wiki_id !== null && { wiki_id: held.wiki_id }),
          ...(supportUrl !== '' && { support_url: supportUrl }),
        },
      })
    })
  }
}
