import { undoing } from './fedwiki-activities.ts'
import { failedOutcome } from './outcome.ts'
import { runTask, type TaskOutput } from './task.ts'

/** A task of the FedWiki engine; see `runTask`. */
export const fedWikiTask = <T extends object>(
  supportUrl: string,
  steps: (life: { readonly run: number }) => Promise<T>,
): Promise<TaskOutput<T>> =>
  runTask(
    { supportUrl, outcomeOf: failedOutcome, undo: (closing) => undoing.RollbackFedWikiTaskActivity(closing) },
    steps,
  )
