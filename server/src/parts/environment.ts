import type { FastifyBaseLogger } from 'fastify'
import type { PartWatch } from './part-watch.ts'

/** What a process is given by whoever runs it. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: FastifyBaseLogger
  /** Of parts that were started before; a new one when left out. */
  readonly watch?: PartWatch
  /** Lines for a person who waits for a start. */
  readonly onNote?: (line: string) => void
  /** Hears of each part of a start once it is up. */
  readonly onPart?: (part: StartedPart) => void
}

export interface StartedPart {
  readonly part: 'store' | 'console' | 'temporal' | 'farm' | 'worker' | 'host' | 'api'
  /** Where it is, or which was taken. */
  readonly detail: string
  /** How long it took. */
  readonly ms: number
}

/** Starts a part and tells of it; parts that start at once are timed each for itself. */
export async function timed<T>(
  { onPart = () => undefined }: Pick<Environment, 'onPart'>,
  part: StartedPart['part'],
  start: () => Promise<T>,
  detail: (started: T) => string,
): Promise<T> {
  const began = performance.now()
  const started = await start()
  onPart({ part, detail: detail(started), ms: Math.round(performance.now() - began) })
  return started
}
