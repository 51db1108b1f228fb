import type { ExplainedFault } from '@wikistead/tasks/activity-failure'

export type RunnerFaultReason =
  /** The engine, or Portainer before it, does not answer. */
  | 'engine_away'
  /** Portainer or the socket does not let us in. */
  | 'denied'
  | 'container_missing'
  | 'container_stopped'
  | 'container_paused'
  | 'container_restarting'
  /** A folder is not where it should be, a tool is missing, or PHP's user cannot write. */
  | 'place_unfit'
  /** The command was killed together with what watched it, so nobody knows its exit code. */
  | 'command_lost'

/** What became of the command cannot be told now; asking again may help. Its message is for people. */
export class RunnerFault extends Error implements ExplainedFault {
  readonly final = false
  readonly reason: RunnerFaultReason
  /** What happened, a sentence. */
  readonly what: string
  /** What an operator can do, a sentence. */
  readonly mend: string

  /** The message is both sentences; an engine's own words are in `options.cause` only. */
  constructor(reason: RunnerFaultReason, what: string, mend: string, options?: ErrorOptions) {
    super(`${what} ${mend}`, options)
    this.name = 'RunnerFault'
    this.reason = reason
    this.what = what
    this.mend = mend
  }
}
