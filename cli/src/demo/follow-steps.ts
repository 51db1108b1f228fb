import type { ApiClient } from '../api-client.ts'
import { CommandFailure } from '../errors.ts'
import { followTask } from '../follow-task.ts'
import { inWords } from '../show-task.ts'
import type { Steps } from './steps.ts'

/** One step a phase, from its first event to the next phase's. */
export async function followSteps(api: ApiClient, taskId: string, steps: Steps): Promise<void> {
  let phase: { readonly name: string; readonly message: string; readonly began: number } | undefined
  const begin = (name: string, message: string): void => {
    const now = performance.now()
    if (phase !== undefined) steps.done(phase.name, phase.message, now - phase.began)
    phase = { name, message, began: now }
  }
  for await (const { id, event } of followTask(api, taskId)) {
    const { type, ...fields } = event
    steps.event(type, { task_id: taskId, id, ...fields })
    if (event.type === 'progress') {
      const { phase: now = 'queued', message, failed_attempt: failed } = event
      if (failed !== undefined) steps.note(inWords(event))
      else if (now !== phase?.name) begin(now, message)
      steps.underWay(message)
    }
    if (event.type !== 'status') continue
    begin('end', inWords(event))
    if (event.status === 'failed') {
      throw new CommandFailure('taskFailed', inWords(event), { code: event.code, task_id: taskId })
    }
  }
}
