/** An operator's hand on the sync: what they change outlives restarts, whatever the configuration says. */
import type { Client } from '@temporalio/client'
import { Refusal } from '@wikistead/contracts'
import type { AlarmRow, Store, TaskRow } from '@wikistead/store'
import { admitSync, keepDefaultUser, syncRunning } from './admit-sync.ts'
import { ScheduleManager, type ScheduleInfo } from '../temporal/schedule-manager.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { WorkflowRuns } from '../temporal/workflow-runs.ts'

/** What the configuration says of the schedule. */
export interface SyncSettings {
  /** Undefined: nothing, so there is one only if an operator made it. */
  readonly enabled: boolean | undefined
  readonly interval: number
  readonly defaultUserId: number | undefined
  readonly triggerImmediately: boolean
}

interface OperatorChange {
  readonly interval?: number
  readonly defaultUserId?: number
  /** False: an operator made a schedule, or changed the one there was, and so wants one. */
  readonly removed?: boolean | undefined
  /** The whole schedule as their last change left it, for when nothing is configured. */
  readonly left?: Whole | undefined
  /** The note of a pause, which Temporal could lose with the schedule. */
  readonly pausedFor?: string | undefined
}

export interface SyncLook {
  /** Undefined while there is no schedule. */
  readonly info: ScheduleInfo | undefined
  readonly lastRun: TaskRow | undefined
  readonly alarms: readonly AlarmRow[]
}

interface Whole {
  readonly interval: number
  readonly defaultUserId: number
}

const settingName = 'fedwiki_sync_operator'
const hourMs = 3_600_000

export class SyncControl {
  readonly #store: Store
  readonly #runs: WorkflowRuns
  readonly #schedule: ScheduleManager

  constructor(store: Store, client: Client, runs = new WorkflowRuns(client)) {
    this.#store = store
    this.#runs = runs
    this.#schedule = new ScheduleManager(client)
  }

  /**
   * At a start: the schedule as configured, save for what an operator changed; and theirs where nothing is configured.
   * @throws Refusal `user_not_found`
   */
  async apply({ enabled, triggerImmediately, ...configured }: SyncSettings): Promise<void> {
    const operator = await this.#operatorChange()
    if (!isWanted(enabled, operator)) {
      await this.#schedule.deleteSyncSchedule()
      // What is taken away by the configuration does not come back when that falls silent.
      await this.#noteFrom(({ removed }) => ({
        ...{ pausedFor: undefined, left: undefined },
        removed: removed === true ? true : undefined,
      }))
      return
    }
    const { pausedFor, interval, defaultUserId } = operator
    const info = await this.#infoIfAny()
    const silent = enabled === undefined ? (operator.left ?? wholeOf(info)) : undefined
    const whole = {
      interval: interval ?? silent?.interval ?? configured.interval,
      defaultUserId: defaultUserId ?? silent?.defaultUserId ?? configured.defaultUserId,
    }
    await this.#store.users.get(whole.defaultUserId ?? 0)
    await keepDefaultUser(this.#store, whole.defaultUserId ?? 0)
    await this.#schedule.ensureSyncSchedule({
      ...{ interval: whole.interval, defaultUserId: whole.defaultUserId ?? 0, triggerImmediately },
    })
    if (info === undefined && pausedFor !== undefined) await this.#schedule.pauseSyncSchedule(pausedFor)
  }

  /** Whether Temporal has no schedule although there is to be one: it was lost with Temporal's data. */
  async isLost({ enabled }: Pick<SyncSettings, 'enabled'>): Promise<boolean> {
    return isWanted(enabled, await this.#operatorChange()) && (await this.#infoIfAny()) === undefined
  }

  async look(): Promise<SyncLook> {
    const alarms = await this.#store.alarms.open()
    return {
      info: await this.#infoIfAny(),
      lastRun: await this.#store.tasks.latestOfKind('sync_sites'),
      alarms: alarms.filter(({ code }) => code.startsWith('sync_') || code.startsWith('farm_')),
    }
  }

  /** @throws Refusal `user_not_found`, `invalid_request` when a new schedule lacks its user */
  async change(change: { readonly interval?: number; readonly defaultUserId?: number }): Promise<void> {
    const info = await this.#infoIfAny()
    const defaultUserId = change.defaultUserId ?? info?.defaultUserId
    if (defaultUserId === undefined) {
      throw new Refusal(
        'invalid_request',
        'A new schedule needs default_user_id: who gets sites that nobody owns.',
      )
    }
    await this.#store.users.get(defaultUserId)
    const left = { interval: change.interval ?? info?.intervalMs ?? hourMs, defaultUserId }
    await keepDefaultUser(this.#store, defaultUserId)
    await this.#note({ ...change, removed: false, left })
    await this.#schedule.ensureSyncSchedule(left)
  }

  async remove(): Promise<void> {
    // A Temporal that is away refuses this before anything is noted.
    await this.#infoIfAny()
    await this.#store.settings.set(settingName, JSON.stringify({ removed: true } satisfies OperatorChange))
    await this.#schedule.deleteSyncSchedule()
  }

  async pause(note: string): Promise<void> {
    await this.#schedule.pauseSyncSchedule(note)
    await this.#note({ pausedFor: note })
  }

  async resume(note: string): Promise<void> {
    await this.#schedule.unpauseSyncSchedule(note)
    await this.#note({ pausedFor: undefined })
  }

  /**
   * Syncs now, with or without a schedule, also a paused one. Returns the sync's task; its row is there. With
   * `confirm`, as many sites may be gone as the alarm tells of.
   * @throws Refusal `sync_running`, `nothing_to_confirm`
   */
  async trigger(userId: number, { confirm = false } = {}): Promise<string> {
    // These first, so that a confirmation is not left to a sync that nobody asked for.
    const info = await this.#infoIfAny()
    const [running] = await this.#store.tasks.openOfKind('sync_sites')
    if (running !== undefined) throw syncRunning(running.task_id)
    if (confirm && !(await this.#store.alarms.confirm('sync_untrusted', 'fedwiki'))) {
      throw new Refusal('nothing_to_confirm', 'No sync is waiting for a confirmation.')
    }
    if (info === undefined) {
      const task = await admitSync(this.#store, { taskId: newTaskId(), defaultUserId: userId })
      await this.#runs.start(task)
      return task.task_id
    }
    const taskId = await this.#schedule.triggerSyncNow()
    // The sync's first activity does the same; whoever asks for the task now is to find it.
    await admitSync(this.#store, { taskId, defaultUserId: info.defaultUserId })
    return taskId
  }

  async #infoIfAny(): Promise<ScheduleInfo | undefined> {
    try {
      return await this.#schedule.getSyncScheduleInfo()
    } catch (error) {
      if (error instanceof Refusal && error.code === 'schedule_not_found') return undefined
      throw error
    }
  }

  #note(change: OperatorChange): Promise<void> {
    return this.#noteFrom(() => change)
  }

  async #noteFrom(change: (before: OperatorChange) => OperatorChange): Promise<void> {
    await this.#store.transaction(({ settings }) =>
      settings.change(settingName, '{}', (json) => {
        const before = JSON.parse(json) as OperatorChange
        return JSON.stringify({ ...before, ...change(before) })
      }),
    )
  }

  async #operatorChange(): Promise<OperatorChange> {
    return JSON.parse((await this.#store.settings.get(settingName)) ?? '{}') as OperatorChange
  }
}

/** A configuration that says no goes before an operator; one that says yes yields to a removal; one that says nothing leaves it to them. */
function isWanted(enabled: boolean | undefined, { removed }: OperatorChange): boolean {
  return enabled === undefined ? removed === false : enabled && removed !== true
}

function wholeOf(info: ScheduleInfo | undefined): Whole | undefined {
  return info && { interval: info.intervalMs, defaultUserId: info.defaultUserId }
}
