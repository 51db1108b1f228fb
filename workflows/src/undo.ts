import { CancellationScope } from '@temporalio/workflow'
import { sentences } from '@wikistead/contracts/sentences'
import { bookkeeping } from './bookkeeping.ts'
import { undoing } from './fedwiki-activities.ts'
import type { FailedOutcome } from './outcome.ts'

/**
 * Takes back what the task's ledger says it may have made, then closes the task as failed. Nothing cancels it. What
 * cannot be undone within ten minutes is left to the sweeper, and the task says so.
 */
export async function undoAndClose(
  life: { readonly run: number },
  outcome: FailedOutcome,
  supportUrl: string,
): Promise<FailedOutcome> {
  // A life that is over has nothing to say about its task any more.
  if (outcome.code === 'fenced') return outcome
  return CancellationScope.nonCancellable(async () => {
    try {
      await undoing.RollbackFedWikiTaskActivity({ ...life, ...outcome, supportUrl })
      return outcome
    } catch {
      const incomplete = { code: 'rollback_incomplete', message: sentences.rollback_incomplete } as const
      const closing = {
        ...life,
        ...incomplete,
        supportUrl,
        cause: outcome.code,
        causeMessage: outcome.message,
      }
      // Of a task that had made nothing there is nothing to undo, whoever is away.
      return (await bookkeeping.CloseTaskActivity(closing)) === 'nothing_left' ? outcome : incomplete
    }
  })
}
