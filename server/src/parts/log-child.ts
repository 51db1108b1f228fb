/** A child process that died tells nobody by itself: here its ends, and when it serves again, go to the process' log. */
import type { ChildState } from '@wikistead/processes'
import type { FastifyBaseLogger } from 'fastify'

/** For a child's `onChange`. What it is stopped for, its owner knows. */
export function logChild(logger: FastifyBaseLogger, child: string): (state: ChildState) => void {
  let awaySince: number | undefined
  return ({ kind, pid, restarts, lastExit }) => {
    // A restart that has a pid is under way; without one, something has just ended: the child, or a try.
    if (kind === 'restarting' && pid === undefined) {
      awaySince ??= performance.now()
      logger.warn({ child, last_exit: lastExit, restarts }, 'a child ended; it is started again')
    } else if (kind === 'ready' && awaySince !== undefined) {
      const awayMs = Math.round(performance.now() - awaySince)
      awaySince = undefined
      logger.info({ child, pid, restarts, away_ms: awayMs }, 'a child serves again')
    }
  }
}
