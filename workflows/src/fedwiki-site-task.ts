import { currentLife } from './life.ts'
import { failedOutcome, throwIfCancelled } from './outcome.ts'
import { undoAndClose } from './undo.ts'

export type SiteTaskOutput<T> =
  | ({ readonly success: true } & T)
  | { readonly success: false; readonly errorMessage: string; readonly supportUrl: string }

/**
 * Runs a task's steps. Whatever ends them early, what was made is taken back and the workflow *completes* with
 * `success: false` and a sentence for the user; only a cancelled one ends as cancelled.
 */
export async function siteTask<T extends object>(
  supportUrl: string,
  steps: (life: { readonly run: number }) => Promise<T>,
): Promise<SiteTaskOutput<T>> {
  const life = currentLife()
  try {
    return { success: true, ...(await steps(life)) }
  } catch (error) {
    const { message } = await undoAndClose(life, failedOutcome(error), supportUrl)
    throwIfCancelled(error)
    return { success: false, errorMessage: message, supportUrl }
  }
}
