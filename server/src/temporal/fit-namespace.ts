/** Whether a Temporal and its namespace fit what we do with them: pure questions to what it said of itself. */
import { formatDuration } from '@wikistead/config'

export interface NamespaceSeen {
  /** Undefined when there is none. */
  readonly retentionMs: number | undefined
}

export type Step =
  | { readonly do: 'create'; readonly namespace: string; readonly retentionMs: number }
  | {
      readonly do: 'keep longer'
      readonly namespace: string
      readonly fromMs: number
      readonly retentionMs: number
    }

const dayMs = 24 * 60 * 60 * 1_000

/**
 * Ended workflows should be there when somebody asks why: a week at least. Nothing of ours needs them for longer than
 * it takes to see that they have ended.
 */
export const shortestRetentionMs = 7 * dayMs
export const usualRetentionMs = 30 * dayMs

/** What makes the namespace fit. What is kept for longer than was asked stays so: nobody's histories are removed. */
export function stepsTo(
  namespace: string,
  { retentionMs: kept }: NamespaceSeen,
  wantedMs: number | undefined,
): readonly Step[] {
  const retentionMs = wantedMs ?? usualRetentionMs
  if (kept === undefined) return [{ do: 'create', namespace, retentionMs }]
  const short = wantedMs === undefined ? kept < shortestRetentionMs : kept < wantedMs
  return short ? [{ do: 'keep longer', namespace, fromMs: kept, retentionMs }] : []
}

export function inWords(step: Step): string {
  const retention = formatDuration(step.retentionMs)
  return step.do === 'create'
    ? `namespace ${step.namespace} is made; it keeps what has ended for ${retention}`
    : `namespace ${step.namespace} keeps what has ended for ${retention} instead of ${formatDuration(step.fromMs)}`
}
