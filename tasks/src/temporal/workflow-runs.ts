/**
 * A task's workflow as Temporal's client sees it. The workflow's id is the task's. Every question has a deadline: without
 * one, a Temporal that hangs would keep whoever asks waiting for ever.
 */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client'
import { workflowQueue } from '@wikistead/contracts'
import type { TaskRow } from '@wikistead/store'
import { askTemporal } from './ask-temporal.ts'

export class WorkflowRuns {
  readonly #client: Client
  readonly #eager: boolean

  /** `eager`: a worker of this process, on the client's own connection, may take a new workflow at once. */
  constructor(client: Client, { eager = false }: { readonly eager?: boolean } = {}) {
    this.#client = client
    this.#eager = eager
  }

  /**
   * Starts the row's life. Safe to repeat: a running one is used, and one that ended is started again only for a
   * later life (whatever Temporal lets through, the row's `run` fences).
   */
  async start(task: Pick<TaskRow, 'task_id' | 'workflow_type' | 'input' | 'run'>): Promise<void> {
    try {
      await this.#ask((client) =>
        client.workflow.start(task.workflow_type, {
          taskQueue: workflowQueue,
          workflowId: task.task_id,
          workflowIdReusePolicy: task.run === 1 ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [JSON.parse(task.input)],
          memo: { run: task.run },
          requestEagerStart: this.#eager,
        }),
      )
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
  }

  /** Undefined when Temporal knows no workflow of that task. */
  async describe(taskId: string): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await this.#ask((client) => client.workflow.getHandle(taskId).describe())
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw error
    }
  }

  /** False when there is nothing running to cancel. */
  async cancel(taskId: string): Promise<boolean> {
    try {
      await this.#ask((client) => client.workflow.getHandle(taskId).cancel())
      return true
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false
      throw error
    }
  }

  /** Lets every activity of the task that waits for its next attempt start it now. */
  async cutBackOffShort(taskId: string): Promise<number> {
    const description = await this.describe(taskId)
    const waiting = (description?.raw.pendingActivities ?? []).filter(
      ({ state, activityId }) => Number(state) === pendingStateScheduled && typeof activityId === 'string',
    )
    for (const { activityId } of waiting) {
      await this.#ask((client) =>
        client.workflowService.resetActivity({
          namespace: client.options.namespace,
          execution: { workflowId: taskId },
          ...(typeof activityId === 'string' && { id: activityId }),
          keepPaused: false,
        }),
      )
    }
    return waiting.length
  }

  #ask<T>(question: (client: Client) => Promise<T>): Promise<T> {
    return askTemporal(this.#client, answerWithinMs, question)
  }
}

/** Before that, nobody may start it: it waits in the store. */
export const hasHadItsTurn = ({
  lane,
  dispatched_at: at,
}: Pick<TaskRow, 'lane' | 'dispatched_at'>): boolean => lane === null || at !== null

const answerWithinMs = 5_000

/** `PENDING_ACTIVITY_STATE_SCHEDULED`: not started, or waiting for its next attempt. */
const pendingStateScheduled = 1
