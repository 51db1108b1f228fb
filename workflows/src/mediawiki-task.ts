/** What all MediaWiki workflows share: how a task's steps end, and how what they made is taken back. */
import { ActivityFailure, CancellationScope, TimeoutFailure } from '@temporalio/workflow'
import { sentences } from '@wikistead/contracts/sentences'
import {
  mediaWikiSentences,
  type MediaWikiTaskInput,
  type MediaWikiTaskOutput,
} from '@wikistead/contracts/mediawiki-workflows'
import { bookkeeping } from './bookkeeping.ts'
import { currentLife } from './life.ts'
import { undoingOn } from './mediawiki-activities.ts'
import { failedOutcome, throwIfCancelled, type FailedOutcome } from './outcome.ts'

/**
 * Runs the steps. Whatever ends them early, what was made is taken back and the workflow *completes* with
 * `success: false` and a sentence for the user; only a cancelled one ends as cancelled.
 */
export async function mediaWikiTask<T extends object>(
  input: MediaWikiTaskInput,
  steps: (life: { readonly run: number }) => Promise<T>,
): Promise<MediaWikiTaskOutput & Partial<T>> {
  const life = currentLife()
  try {
    return { success: true, ...(await steps(life)) }
  } catch (error) {
    const { message } = await undoAndClose(life, outcomeOf(error), input)
    throwIfCancelled(error)
    return { success: false, errorMessage: message, supportUrl: input.supportUrl } as MediaWikiTaskOutput &
      Partial<T>
  }
}

/** Side by side; when one of them fails, the others are ended before anything is taken back. */
export async function together(...steps: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope()
  await scope.run(async () => {
    let first: { readonly error: unknown } | undefined
    await Promise.all(
      steps.map(async (step) => {
        try {
          await step()
        } catch (error) {
          first ??= { error }
          scope.cancel()
        }
      }),
    )
    if (first !== undefined) throw first.error
  })
}

function outcomeOf(error: unknown): FailedOutcome {
  const outcome = failedOutcome(error)
  if (outcome.code !== 'farm_unavailable' && outcome.code !== 'fault') return outcome
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  if (cause instanceof TimeoutFailure && cause.timeoutType !== 'START_TO_CLOSE' && !wasTried(cause)) {
    return { code: 'host_away', message: mediaWikiSentences.host_away }
  }
  return { code: 'engine_unavailable', message: mediaWikiSentences.engine_unavailable }
}

/** Patience that ends after a failed attempt names that failure as its cause. */
const wasTried = ({ cause }: TimeoutFailure): boolean => cause !== undefined

/** Nothing cancels it. What cannot be undone within ten minutes is left to the sweeper, and the task says so. */
async function undoAndClose(
  life: { readonly run: number },
  outcome: FailedOutcome,
  input: MediaWikiTaskInput,
): Promise<FailedOutcome> {
  const { supportUrl } = input
  // A life that is over has nothing to say about its task any more.
  if (outcome.code === 'fenced') return outcome
  return CancellationScope.nonCancellable(async () => {
    try {
      await undoingOn(input).RollbackMediaWikiTaskActivity({ ...life, ...outcome, supportUrl })
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
