/**
 * Undoing and a step that was given up for lost may be at work at once. What has begun to be undone is not declared done:
 * the bar is set under the lock of the task's row, and every step asks for it under the same lock.
 */
import { CancelledFailure } from '@temporalio/common'
import type { Scope } from '@wikistead/store'

export const barSteps = ({ ledger }: Scope, taskId: string, run: number): Promise<void> =>
  ledger.note(taskId, lineOf(run), {})

/** @throws CancelledFailure */
export async function requireUnbarred({ ledger }: Scope, taskId: string, run: number): Promise<void> {
  if ((await ledger.get(taskId, lineOf(run))) === undefined) return
  throw new CancelledFailure('What this task made is being taken back.')
}

const lineOf = (run: number): string => `undoing/${String(run)}`
