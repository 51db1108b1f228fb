/**
 * The store is the queue: what waits there has no workflow, and so costs Temporal and the hosts nothing. Whenever a place
 * is left, whoever's turn it is gets it, in one transaction that holds the line: however many processes dispatch at once,
 * no place is given twice and no task begun twice. The workflow is started after that; if this process dies in between,
 * the reconciler starts it.
 */
import type { Line } from '@wikistead/contracts'
import type { LineRow, Scope, Store, TaskRow } from '@wikistead/store'
import type { StepLog } from '../step/step.ts'
import { placesOf, standingOf, usualLimits, waitingOf, type LaneLimits } from '../turns/take-turn.ts'
import { decide, isWorthTelling, type Standing } from '../turns/turns.ts'
import type { WorkflowRuns } from '../temporal/workflow-runs.ts'

export interface DispatcherDeps {
  readonly store: Store
  readonly runs: WorkflowRuns
  readonly log: StepLog
  readonly limits?: LaneLimits
}

export class Dispatcher implements AsyncDisposable {
  readonly #deps: DispatcherDeps
  /** Lines that are looked at just now. */
  readonly #looks = new Map<string, Look>()
  readonly #starts = new Set<Promise<void>>()

  /** From here on it looks at a line whenever a task that this store ends, or makes usable, leaves its place there. */
  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    deps.store.onPlaceLeft((line) => void this.look(line))
  }

  /** Gives away what places of the line are free; never rejects, for the next round finds everything as it is. */
  look(line: Line): Promise<void> {
    const key = `${line.lane}/${line.host}`
    const under = this.#looks.get(key)
    if (under !== undefined) {
      under.again = true
      return under.done
    }
    const look: Look = { again: false, done: Promise.resolve() }
    this.#looks.set(key, look)
    look.done = this.#lookUntilQuiet(line, look, key)
    return look.done
  }

  /** All lines in which somebody waits: the net below the looks that a dying process owed. */
  async lookAtAll(): Promise<void> {
    for (const line of await this.#deps.store.lines.waiting()) await this.look(line)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#looks.values()].map(({ done }) => done))
    await Promise.all(this.#starts)
  }

  async #lookUntilQuiet(line: Line, look: Look, key: string): Promise<void> {
    const { log } = this.#deps
    do {
      look.again = false
      try {
        // A Temporal that is slow to take them keeps nobody from their place.
        for (const task of await this.#give(line)) this.#start(task)
      } catch (error) {
        log.warn({ err: error, ...line }, 'places could not be given away; it is tried again')
      }
    } while (look.again)
    this.#looks.delete(key)
  }

  /** Those who were given a place. */
  async #give(line: Line): Promise<TaskRow[]> {
    const { store, limits = usualLimits } = this.#deps
    // Most who leave a place leave nobody waiting: that need hold no line.
    if (!(await store.lines.isWaitedIn(line))) return []
    return store.transaction(async (scope) => {
      await scope.lines.hold(line)
      const places = await placesOf(scope, line, limits)
      const rows = await scope.lines.standing(line)
      const { start, wait } = decide(rows.map(standingOf), places)
      const given: TaskRow[] = []
      for (const { taskId } of start) {
        const task = await scope.tasks.dispatch(taskId)
        if (task !== undefined) given.push(task)
      }
      if (given.length > 0) await tellWaiting(scope, line, { rows, given, wait, places })
      return given
    })
  }

  #start(task: TaskRow): void {
    const { runs, log } = this.#deps
    const started = runs
      .start(task)
      .catch((error: unknown) => {
        log.warn({ err: error, task_id: task.task_id }, 'Temporal did not take the task; it is started later')
      })
      .finally(() => this.#starts.delete(started))
    this.#starts.add(started)
  }
}

interface Look {
  /** Somebody left a place since it began. */
  again: boolean
  done: Promise<void>
}

interface Given {
  readonly rows: readonly LineRow[]
  readonly given: readonly TaskRow[]
  readonly wait: readonly Standing[]
  readonly places: number
}

/** Those who are noticeably nearer to their turn hear of it. */
async function tellWaiting(scope: Scope, line: Line, { rows, given, wait, places }: Given): Promise<void> {
  const since = new Map(given.map((task) => [task.task_id, task.dispatched_at]))
  const standing = rows.map((row) =>
    standingOf({ ...row, dispatched_at: since.get(row.task_id) ?? row.dispatched_at }),
  )
  const nearer = wait.flatMap(({ taskId }, index) => {
    const row = rows.find((one) => one.task_id === taskId)
    return row !== undefined && isWorthTelling(row.told_place, index + 1) ? [row] : []
  })
  if (nearer.length === 0) return
  const heldMs = await scope.lines.heldMs(line)
  const now = scope.now()
  for (const { task_id: taskId, run } of nearer) {
    await scope.tasks.tellPlace(taskId, run, waitingOf(standing, places, { taskId, heldMs, now }))
  }
}
