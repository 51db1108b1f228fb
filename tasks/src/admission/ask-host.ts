/** A question to the host of a wiki that is answered at once: no task, for nothing is to be watched and nothing to be undone. */
import { randomBytes } from 'node:crypto'
import {
  ActivityFailure,
  ApplicationFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type Client,
} from '@temporalio/client'
import { isRefusalCode, mediaWikiSentences, Refusal, workflowQueue } from '@wikistead/contracts'
import { askTemporal } from '../temporal/ask-temporal.ts'

export interface HostQuestion {
  /** Its type. */
  readonly workflow: string
  /** What the workflow's id begins with. */
  readonly id: string
  readonly input: object
  /** Milliseconds for the whole of it. */
  readonly patienceMs: number
}

/** @throws Refusal `host_away`, `engine_unavailable`, `temporal_unavailable`, or what the host refused it for */
export async function askHost<Answer>(
  client: Client,
  { workflow, id, input, patienceMs }: HostQuestion,
): Promise<Answer> {
  try {
    return await askTemporal(
      client,
      // The workflow's own end by its patience comes first.
      patienceMs + 1_000,
      () =>
        client.workflow.execute(workflow, {
          taskQueue: workflowQueue,
          workflowId: `${id}/${randomBytes(6).toString('hex')}`,
          workflowExecutionTimeout: patienceMs,
          args: [input],
        }) as Promise<Answer>,
    )
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause
  // A fault that was tried again for as long as there was time.
  if (cause instanceof ApplicationFailure && isRefusalCode(cause.type) && cause.type !== 'fault') {
    return new Refusal(cause.type, cause.message)
  }
  // An attempt that was made and failed is named as the time-out's cause.
  return cause instanceof TimeoutFailure && cause.cause === undefined
    ? new Refusal('host_away', mediaWikiSentences.host_away)
    : new Refusal('engine_unavailable', 'The wiki’s database does not answer. Please try again in a minute.')
}
