/**
 * How long a phase goes on trying. Temporal's own time-out would count from when the phase was asked for, and with it the
 * wait in a queue; patience counts from the first attempt, which the store knows of.
 */
import { mediaWikiSentences, phasePatienceMs, Refusal, type Phase } from '@wikistead/contracts'
import type { Store, TaskRow } from '@wikistead/store'

/** In milliseconds; undefined for what is bounded by a number of attempts instead. */
export function patienceOf(
  { engine, input }: Pick<TaskRow, 'engine' | 'input'>,
  phase?: Phase,
): number | undefined {
  if (engine !== 'mediawiki') return undefined
  const { patienceMs } = JSON.parse(input) as { readonly patienceMs?: unknown }
  const own = typeof patienceMs === 'number' ? patienceMs : phasePatienceMs
  return phase === 'index' ? Math.max(own, indexPatienceMs) : own
}

/** Nobody waits for it, and it may have to read every page. */
const indexPatienceMs = 90 * 60_000

/** When the phase gives up, in milliseconds since 1970; undefined when it does not, or nobody has tried yet. */
export async function patienceEnds(
  store: Pick<Store, 'tasks'>,
  task: TaskRow,
  { run, phase }: { readonly run: number; readonly phase: Phase },
): Promise<number | undefined> {
  const patienceMs = patienceOf(task, phase)
  if (patienceMs === undefined) return undefined
  const first = await store.tasks.firstEventAt(task.task_id, `${String(run)}/${phase}/`)
  return first === undefined ? undefined : first + patienceMs
}

export const outOfPatience = (): Refusal =>
  new Refusal('engine_unavailable', mediaWikiSentences.engine_unavailable)
