/** What all MediaWiki workflows share: what the errors of their steps mean, and steps side by side. */
import { ActivityFailure, CancellationScope, TimeoutFailure } from '@temporalio/workflow'
import {
  mediaWikiSentences,
  type MediaWikiTaskInput,
  type MediaWikiTaskOutput,
} from '@wikistead/contracts/mediawiki-workflows'
import { wasNotBegun } from './living-host.ts'
import { undoingOn } from './mediawiki-activities.ts'
import { failedOutcome, type FailedOutcome } from './outcome.ts'
import { runTask } from './task.ts'
import type { UndoActivity } from './undo-and-close.ts'

/** A task of the MediaWiki engine; see `runTask`. What undoes it is on the wiki's host. */
export async function mediaWikiTask<T extends object>(
  input: MediaWikiTaskInput,
  steps: (life: { readonly run: number }) => Promise<T>,
): Promise<MediaWikiTaskOutput & Partial<T>> {
  const undo: UndoActivity = (closing) => undoingOn(input).RollbackMediaWikiTaskActivity(closing)
  return runTask({ supportUrl: input.supportUrl, outcomeOf: mediaWikiOutcome, undo }, steps) as Promise<
    MediaWikiTaskOutput & Partial<T>
  >
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

export function mediaWikiOutcome(error: unknown): FailedOutcome {
  const outcome = failedOutcome(error)
  if (outcome.code !== 'farm_unavailable' && outcome.code !== 'fault') return outcome
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  const away = { code: 'host_away', message: mediaWikiSentences.host_away } as const
  if (wasNotBegun(error)) return away
  // Of activities that releases before have asked for, whose time-out counted the wait for the host.
  if (cause instanceof TimeoutFailure && cause.timeoutType !== 'START_TO_CLOSE' && !wasTried(cause)) {
    return away
  }
  return { code: 'engine_unavailable', message: mediaWikiSentences.engine_unavailable }
}

/** Patience that ends after a failed attempt names that failure as its cause. */
const wasTried = ({ cause }: TimeoutFailure): boolean => cause !== undefined
