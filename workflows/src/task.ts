import { currentLife } from './life.ts'
import { throwIfCancelled, type FailedOutcome } from './outcome.ts'
import { undoAndClose, type UndoActivity } from './undo-and-close.ts'

export type TaskOutput<T> =
  | ({ readonly success: true } & Partial<T>)
  | { readonly success: false; readonly errorMessage: string; readonly supportUrl: string }

export interface TaskEnding {
  readonly supportUrl: string
  /** What an error of the steps means for the task. */
  readonly outcomeOf: (error: unknown) => FailedOutcome
  readonly undo: UndoActivity
}

/**
 * Runs a task's steps. Whatever ends them early, what was made is taken back and the workflow *completes* with
 * `success: false` and a sentence for the user; only a cancelled one ends as cancelled. What was past its point of no
 * return has succeeded.
 */
export async function runTask<T extends object>(
  { supportUrl, outcomeOf, undo }: TaskEnding,
  steps: (life: { readonly run: number }) => Promise<T>,
): Promise<TaskOutput<T>> {
  const life = currentLife()
  try {
    return { success: true, ...(await steps(life)) }
  } catch (error) {
    const ended = await undoAndClose(life, outcomeOf(error), supportUrl, undo)
    if (ended === 'kept') return { success: true }
    throwIfCancelled(error)
    return { success: false, errorMessage: ended.message, supportUrl }
  }
}
