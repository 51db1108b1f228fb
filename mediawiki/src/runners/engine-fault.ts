/** What an engine's errors mean for a command. The engine's own words stay in the cause: they may hold anything. */
import { tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { RunnerFault } from '../faults/runner-fault.ts'

export interface EngineWords {
  /** At the start of a sentence. */
  readonly name: string
  readonly mendAway: string
  readonly mendDenied: string
}

/** Undefined when the container's state has to be asked for. */
export function engineFault(error: unknown, words: EngineWords, container: string): RunnerFault | undefined {
  const { statusCode, code, message } = error as Error & {
    readonly statusCode?: number
    readonly code?: unknown
  }
  const { name, mendAway, mendDenied } = words
  // The library's own reading of the status stands before the engine's words, and may be wrong.
  const said = message.replace(/^\(HTTP code \d+\) .*? - /, '')
  const options = { cause: error }
  if (statusCode === undefined) {
    const tls = tlsFaultIn(error)
    if (tls !== undefined) {
      const { detail } = tlsInWords(tls, { turnedOnBy: '', caFile: '', host: '' })
      return new RunnerFault('denied', `${name} ${detail}.`, mendDenied, options)
    }
    return deniedCode.test(String(code))
      ? new RunnerFault('denied', `${name} cannot be used (${String(code)}).`, mendDenied, options)
      : new RunnerFault('engine_away', `${name} does not answer.`, mendAway, options)
  }
  const status = `HTTP ${String(statusCode)}`
  if (statusCode === 404 && /no such container/i.test(said)) {
    return new RunnerFault(
      'container_missing',
      `There is no container ${container}.`,
      'Make it anew.',
      options,
    )
  }
  if ([401, 403, 404].includes(statusCode) && !/no such exec/i.test(said)) {
    return new RunnerFault('denied', `${name} does not let us in (${status}).`, mendDenied, options)
  }
  if (/unable to find user|executable file not found|no such file or directory/i.test(said)) {
    const mend = "It needs a shell, and the user that the settings name as PHP's."
    return new RunnerFault('place_unfit', `The container ${container} cannot run commands.`, mend, options)
  }
  if (statusCode === 409 || statusCode === 500 || statusCode === 400) return undefined
  return new RunnerFault('engine_away', `${name} does not answer (${status}).`, mendAway, options)
}

/** Undefined for a container that runs. */
export function containerFault(state: unknown, container: string): RunnerFault | undefined {
  const { Running, Paused, Restarting } = (state ?? {}) as {
    readonly Running?: boolean
    readonly Paused?: boolean
    readonly Restarting?: boolean
  }
  if (Restarting === true) return restarted(container)
  if (Paused === true) {
    const mend = `Let it go on: docker unpause ${container}`
    return new RunnerFault('container_paused', `The container ${container} is paused.`, mend)
  }
  if (Running === true) return undefined
  const mend = `Start it: docker start ${container}`
  return new RunnerFault('container_stopped', `The container ${container} is stopped.`, mend)
}

export function restarted(container: string): RunnerFault {
  const mend = 'If it does so again and again, see what its log says.'
  return new RunnerFault('container_restarting', `The container ${container} is restarting.`, mend)
}

/** The file system's, and those of TLS. */
const deniedCode = /^(?:EACCES|EPERM|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/
