/** The sync's schedule in Temporal: one, with an operator's pause and note left alone by every restart. */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client'
import {
  Refusal,
  syncScheduleId,
  syncWorkflowIdPrefix,
  workflowQueue,
  type SyncFedWikiSitesWorkflowInput,
} from '@wikistead/contracts'
import { setTimeout as sleep } from 'node:timers/promises'
import { askTemporal } from './ask-temporal.ts'

export interface ScheduleConfig {
  /** Milliseconds between two syncs. */
  readonly interval: number
  /** Who gets sites that nobody known owns. */
  readonly defaultUserId: number
  /** Also sync now, unless the schedule is paused: an operator's pause is meant for this sync too. */
  readonly triggerImmediately?: boolean
}

export interface ScheduleInfo {
  readonly intervalMs: number
  readonly defaultUserId: number
  readonly paused: boolean
  readonly note: string
  readonly running: boolean
  readonly nextRunAt: Date | undefined
}

export class ScheduleManager {
  readonly #client: Client
  readonly #handle: ScheduleHandle

  constructor(client: Client, scheduleId: string = syncScheduleId) {
    this.#client = client
    this.#handle = client.schedule.getHandle(scheduleId)
  }

  /** Creates the schedule, or updates what differs; whether it is paused, and why, stays as it was. */
  async ensureSyncSchedule({
    interval,
    defaultUserId,
    triggerImmediately = false,
  }: ScheduleConfig): Promise<void> {
    const definition = {
      spec: { intervals: [{ every: interval }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'SyncFedWikiSitesWorkflow',
        workflowId: syncWorkflowIdPrefix,
        taskQueue: workflowQueue,
        args: [{ defaultUserId }] satisfies [SyncFedWikiSitesWorkflowInput],
      },
      // The default catches up with a whole year of missed runs.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' as const },
    }
    try {
      await this.#soon(() =>
        this.#client.schedule.create({ scheduleId: this.#handle.scheduleId, ...definition }),
      )
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
      // `state` is passed on: left out, it would un-pause in silence.
      await this.#soon(() =>
        this.#handle.update((previous) => ({ ...previous, ...definition, state: previous.state })),
      )
    }
    if (!triggerImmediately) return
    const schedule = await this.#ask(() => this.#handle.describe())
    if (!schedule.state.paused && !isRunning(schedule)) await this.#trigger()
  }

  /** @throws Refusal `schedule_not_found` */
  async pauseSyncSchedule(note: string): Promise<void> {
    await this.#ask(() => this.#handle.pause(note))
  }

  /** @throws Refusal `schedule_not_found` */
  async unpauseSyncSchedule(note: string): Promise<void> {
    await this.#ask(() => this.#handle.unpause(note))
  }

  /**
   * Syncs now, also when paused. Returns the workflow id of the sync.
   * @throws Refusal `sync_running`, `schedule_not_found`
   */
  async triggerSyncNow(): Promise<string> {
    const before = await this.#ask(() => this.#handle.describe())
    // Under SKIP, Temporal would do nothing and say nothing.
    if (isRunning(before)) {
      throw new Refusal('sync_running', 'A sync is running already. Wait for it to end.')
    }
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await this.#trigger()
      const run = await this.#runOtherThan(latestRunOf(before))
      if (run !== undefined) return run
    }
    throw new Error('Temporal took the trigger of the sync schedule, and started nothing.')
  }

  /** @throws Refusal `schedule_not_found` */
  async getSyncScheduleInfo(): Promise<ScheduleInfo> {
    const description = await this.#ask(() => this.#handle.describe())
    const { spec, action, state, info } = description
    const interval = spec.intervals?.[0]?.every
    const [input] = ('args' in action ? (action.args ?? []) : []) as unknown as [{ defaultUserId: number }?]
    return {
      intervalMs: typeof interval === 'number' ? interval : 0,
      defaultUserId: input?.defaultUserId ?? 0,
      paused: state.paused,
      note: state.note ?? '',
      running: isRunning(description),
      nextRunAt: info.nextActionTimes[0],
    }
  }

  /** Quiet when there is none. */
  async deleteSyncSchedule(): Promise<void> {
    try {
      await this.#soon(() => this.#handle.delete())
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error
    }
  }

  /** @throws Refusal `schedule_not_found` */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await this.#soon(question)
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) {
        throw new Refusal(
          'schedule_not_found',
          'There is no sync schedule. Make one, or enable it with fedwiki-sync-enabled.',
        )
      }
      throw error
    }
  }

  #soon<T>(question: () => Promise<T>): Promise<T> {
    return askTemporal(this.#client, answerWithinMs, question)
  }

  async #trigger(): Promise<void> {
    await this.#soon(() => this.#handle.trigger(ScheduleOverlapPolicy.SKIP))
  }

  /**
   * The run that a trigger has led to. Undefined after a second: Temporal names a run by the second it starts in, and
   * drops one in silence whose name is taken.
   */
  async #runOtherThan(earlier: string | undefined): Promise<string | undefined> {
    const deadline = performance.now() + 1_000
    while (performance.now() < deadline) {
      const run = latestRunOf(await this.#ask(() => this.#handle.describe()))
      if (run !== earlier) return run
      await sleep(25)
    }
    return undefined
  }
}

/** Describing a schedule, which asks the workflow behind it, was seen to take more than five seconds now and then. */
const answerWithinMs = 15_000

/** The workflow id of the newest sync that the schedule started, if any. */
function latestRunOf({ raw, info }: ScheduleDescription): string | undefined {
  const running = raw.info?.runningWorkflows?.at(-1)?.workflowId
  const recent = info.recentActions.at(-1)?.action
  return running ?? (recent?.type === 'startWorkflow' ? recent.workflow.workflowId : undefined)
}

function isRunning({ raw }: ScheduleDescription): boolean {
  return (raw.info?.runningWorkflows ?? []).length > 0
}
