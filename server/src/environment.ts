import type { FastifyBaseLogger } from 'fastify'

/** What a process is given by whoever runs it. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: FastifyBaseLogger
  /** Lines for a person who waits for a start. */
  readonly onNote?: (line: string) => void
}
