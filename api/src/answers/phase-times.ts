/** How long each phase of a task took, as its events tell. */
import type { Task, TaskEvent } from '@wikistead/contracts'

type PhaseTimes = NonNullable<Task['phases']>

/** Of its present life. A phase ends when something else is told of; one that is not over has no end. */
export function phaseTimes(happened: readonly { readonly json: string; readonly at: number }[]): PhaseTimes {
  const time = (at: number): string => new Date(at).toISOString()
  let phases = new Map<string, PhaseTimes[number]>()
  let last: PhaseTimes[number] | undefined
  for (const { json, at } of happened) {
    const event = JSON.parse(json) as TaskEvent
    if (event.type === 'reset') {
      phases = new Map()
      last = undefined
      continue
    }
    const phase = event.type === 'progress' ? event.phase : undefined
    // Words without a phase, such as a place in the queue, end none.
    if (event.type === 'progress' && phase === undefined) continue
    if (last !== undefined && last.phase !== phase) phases.set(last.phase, { ...last, ended_at: time(at) })
    last = undefined
    if (phase === undefined) continue
    last = { phase, began_at: phases.get(phase)?.began_at ?? time(at), ended_at: null }
    phases.set(phase, last)
  }
  return [...phases.values()]
}
