/** How a task's life ends early, the same for every engine: undo, then close; nothing cancels it. */
import { CancellationScope } from '@temporalio/workflow'
import { sentences } from '@wikistead/contracts/sentences'
import type { Closed } from '@wikistead/tasks/rollback'
import { bookkeeping } from './bookkeeping.ts'
import type { FailedOutcome } from './outcome.ts'

/** What an engine undoes and closes a task with; tried for ten minutes. */
export type UndoActivity = (
  closing: FailedOutcome & { readonly run: number; readonly supportUrl: string },
) => Promise<Closed>

/** `kept`: the task was past its point of no return, and what it made stays. */
export type Ended = FailedOutcome | 'kept'

/**
 * Takes back what the task's ledger says it may have made, then closes the task as failed. What cannot be undone in time
 * is left to the sweeper, and the task says so. A task past its point of no return succeeds with a warning.
 */
export async function undoAndClose(
  life: { readonly run: number },
  outcome: FailedOutcome,
  supportUrl: string,
  undo: UndoActivity,
): Promise<Ended> {
  // A life that is over has nothing to say about its task any more.
  if (outcome.code === 'fenced') return outcome
  return CancellationScope.nonCancellable(async () => {
    try {
      const closed = await undo({ ...life, ...outcome, supportUrl })
      return closed === 'kept' ? closed : outcome
    } catch {
      const incomplete = { code: 'rollback_incomplete', message: sentences.rollback_incomplete } as const
      const cause = { cause: outcome.code, causeMessage: outcome.message }
      const closed = await bookkeeping.CloseTaskActivity({ ...life, ...incomplete, supportUrl, ...cause })
      // Of a task that had made nothing there is nothing to undo, whoever is away.
      return closed === 'part' ? incomplete : closed === 'kept' ? closed : outcome
    }
  })
}
