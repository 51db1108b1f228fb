/** Brings tasks to one point of their activity and keeps them there, so that a test can kill something under them. */
import { full, type KillWorld } from '../../test/kill-world.ts'
import { holdRow } from '../../test/held-row.ts'
import { syncTask, type SiteTask } from './site-tasks.ts'
import type { Stop } from '../../test/processes/worker-process.ts'

export interface Point {
  readonly name: string
  /** Part of the sites' names. */
  readonly key: 'before' | 'unheard' | 'done' | 'after'
}

export const points: readonly Point[] = [
  { name: 'before', key: 'before' },
  { name: 'amid (the farm has not heard of it)', key: 'unheard' },
  { name: 'amid (the farm has done it)', key: 'done' },
  { name: 'after', key: 'after' },
]

/** Whether there is such a point: what works in our own database only has no middle at the farm. */
export const hasPoint = ({ middle }: SiteTask, { key }: Point): boolean =>
  key !== 'done' || middle !== undefined

export interface Begun {
  readonly task: SiteTask
  readonly label: string
  readonly taskId: string
}

export interface Standing {
  readonly begun: readonly Begun[]
  /** Lets them all go on; `drop` also breaks the connections that were held at the farm. */
  release(how?: 'drop'): Promise<void>
}

/** Resolves when all of the tasks stand there. */
export async function bringTo(
  world: KillWorld,
  { key }: Point,
  tasks: readonly SiteTask[],
): Promise<Standing> {
  const releases: ((how?: 'drop') => unknown)[] = []
  const ready = await Promise.all(
    tasks.map(async (task) => {
      const label = `${key}-${task.activity.replace('Activity', '').toLowerCase()}`
      return { task, label, wikiId: await task.prepare(world, label) }
    }),
  )
  const arrivals = ready.map(({ task, label }) => arrive(task, label))
  const begun = await Promise.all(
    ready.map(async ({ task, label, wikiId }) => ({
      task,
      label,
      taskId: await task.begin(world, label, wikiId),
    })),
  )
  await Promise.all(arrivals)
  return {
    begun,
    async release(how) {
      await Promise.all(releases.map((release) => release(how)))
    },
  }

  async function arrive(task: SiteTask, label: string): Promise<unknown> {
    switch (key) {
      case 'before':
      case 'after': {
        const stop = world.worker.hold(standsAt(key, task, label), key === 'after' ? 'silent' : undefined)
        releases.push(stop.letGo)
        return stop.reached
      }
      case 'unheard':
        return task.middle === undefined ? inOurTransaction(task, label) : atFarm('request', task, label)
      case 'done':
        return atFarm('answer', task, label)
    }
  }

  async function atFarm(what: 'request' | 'answer', { middle }: SiteTask, label: string): Promise<void> {
    if (middle === undefined) return
    const held = world.gate.hold(what, (asked) => middle(asked, full(label)))
    releases.push((how) => (how === 'drop' ? held.drop() : held.letGo()))
    await held.arrived
  }

  /** The first write of a quota check; the last one of a sync. */
  async function inOurTransaction(task: SiteTask, label: string): Promise<void> {
    const stop = world.worker.hold(standsAt('before', task, label))
    const { taskId } = await stop.reached
    const { storePlace } = world.stack
    const row = await (task === syncTask
      ? holdRow(storePlace, "select * from wikifarm_wikis where status = 'active' and claim is not null")
      : holdRow(storePlace, 'select * from wikifarm_tasks where task_id = ?', taskId))
    releases.push(() => row[Symbol.asyncDispose]())
    stop.letGo()
    await row.wanted()
  }
}

const standsAt =
  (when: Stop['when'], { activity }: SiteTask, label: string) =>
  (stop: Stop): boolean =>
    stop.when === when && stop.activity === activity && ['', full(label)].includes(stop.domain)
