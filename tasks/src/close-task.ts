import { Context } from '@temporalio/activity'
import type { RefusalCode } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { letGoAsBefore } from './let-go.ts'
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
  /** The sentence for that. */
  readonly causeMessage: string
}

/** What a task leaves that could not be undone in time: part of what it made, or nothing after all. */
export type Left = 'part' | 'nothing_left'

export type TaskActivities = ReturnType<typeof createTaskActivities>

/** What tasks of every engine need; it touches our own rows only. */
export function createTaskActivities(deps: { readonly store: Store }) {
  return { CloseTaskActivity: closeTask(deps) }
}

/**
 * Closes a task whose rollback did not end. What it left keeps the name claimed, and an alarm says what it is; a task
 * that had made nothing, or of which all is undone, fails as what ended it.
 */
function closeTask({ store }: { readonly store: Store }) {
  return async ({ run, code, message, supportUrl, cause, causeMessage }: CloseTaskInput): Promise<Left> => {
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    if ((await store.tasks.find(taskId)) === undefined) return 'nothing_left'
    return store.transaction(async (scope) => {
      // A rollback that was given up for lost may have come to its end after all.
      const held = await scope.tasks.hold(taskId)
      if (held.run !== run || held.ended_at !== null) return held.code === code ? 'part' : 'nothing_left'
      const left = await scope.ledger.open(taskId)
      if (left.length === 0) await letGoAsBefore(scope, held)
      else {
        await scope.alarms.raise({
          code: 'rollback_incomplete',
          subject: taskId,
          message: `Task ${taskId} failed (${cause}) and could not be undone: ${left.map(({ step, detail }) => `${step} ${detail}`).join('; ')}.`,
          mend: 'Bring back what is away; the rollback is tried again every minute and clears this.',
        })
      }
      await scope.tasks.append({
        ...{ taskId, run, dedupeKey: `${String(run)}/closed` },
        event: {
          ...{ type: 'status', status: 'failed' },
          ...(left.length === 0 ? { code: cause, message: causeMessage } : { code, message }),
          ...(held.wiki_id !== null && { wiki_id: held.wiki_id }),
          ...(supportUrl !== '' && { support_url: supportUrl }),
        },
      })
      return left.length === 0 ? 'nothing_left' : 'part'
    })
  }
}
