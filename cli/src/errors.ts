/** How a command fails: one line for people, one object for programs, and a code for scripts. */
import { ConfigProblems } from '@wikistead/config'
import { Refusal, refusals, type RefusalCode } from '@wikistead/contracts'
import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import { SetupError } from '@wikistead/processes/setup-error'
import { CommanderError } from 'commander'
import process from 'node:process'
import { withWholeCommands } from './commands-in-words.ts'

/** Documented in docs/cli.md; never reused. */
export const exitCodes = {
  ok: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  taskFailed: 4,
  unreachable: 5,
  setup: 6,
  notAsSealed: 7,
  interrupted: 130,
} as const

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'done, or stopped as asked',
  fault: 'something went wrong that is nobody’s mistake; the same command may succeed later',
  usage: 'the command line or the configuration is wrong; nothing was done',
  refused: 'the API refused; its `code` says why',
  taskFailed: 'the task that was waited for failed, or did not end as it was asked to',
  unreachable: 'the API does not answer',
  setup: 'something on this machine is missing or in the way; the message says what mends it',
  notAsSealed: 'the audit log is not what was sealed; each finding says what',
  interrupted: 'Ctrl-C while a task was watched; the task goes on',
}

/** What a program learns of a failure beside its message. */
export interface FailureDetails {
  readonly code?: string | undefined
  /** What to do next, in one line. */
  readonly next?: string | undefined
  readonly task_id?: string | undefined
  readonly request_id?: string | undefined
  readonly support_url?: string | undefined
}

export class CommandFailure extends Error {
  readonly exit: keyof typeof exitCodes
  readonly details: FailureDetails

  constructor(exit: keyof typeof exitCodes, message: string, details: FailureDetails = {}) {
    super(message)
    this.exit = exit
    this.details = details
  }
}

/** The failure was told on standard output already, as the result of the command. */
export class AlreadyTold extends Error {
  override readonly cause: unknown

  constructor(cause: unknown) {
    super('')
    this.cause = cause
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof AlreadyTold) return exitCodeOf(error.cause)
  if (error instanceof CommandFailure) return exitCodes[error.exit]
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof ConfigProblems) return exitCodes.usage
  if (error instanceof SetupError) return exitCodes.setup
  if (error instanceof Refusal) return exitCodes[isNobodys(error.code) ? 'fault' : 'refused']
  return exitCodes.fault
}

/** What is away may come back: the same command may succeed then, as after a fault. */
export const isNobodys = (code: RefusalCode): boolean =>
  refusals[code] === 500 || code.endsWith('_unavailable')

export function tellError(error: unknown, json: boolean): void {
  if (error instanceof AlreadyTold) return
  // Commander says its own in words; a help that was asked for is no error.
  if (error instanceof CommanderError && (!json || error.exitCode === 0)) return
  const { message: said, code, next: advice, ...details } = hideSecretsIn(describe(error))
  const message = withWholeCommands(said)
  const next = advice === undefined ? undefined : withWholeCommands(advice)
  if (json) {
    const told = { event: 'error', exit_code: exitCodeOf(error), code, message, next, ...details }
    process.stderr.write(`${JSON.stringify(told)}\n`)
    return
  }
  const lines = [message, next, details.support_url && `Help: ${details.support_url}`]
  process.stderr.write(`${lines.filter((line) => line !== undefined && line !== '').join('\n')}\n`)
}

export function describe(error: unknown): FailureDetails & { readonly message: string } {
  if (error instanceof CommandFailure) return { ...error.details, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Refusal) return { message, code: error.code }
  return { message: message.replace(/^error: /, '') }
}
