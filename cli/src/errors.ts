/** How a command fails: one line for people, one object for programs, and a code for scripts. */
import { ConfigProblems } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { SetupError } from '@wikistead/processes'
import { CommanderError } from 'commander'
import process from 'node:process'

/** Documented in docs/cli.md; never reused. */
export const exitCodes = {
  ok: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  taskFailed: 4,
  unreachable: 5,
  setup: 6,
} as const

/** The API does not answer. */
export class Unreachable extends Error {}

/** The task that was waited for has failed. */
export class TaskFailed extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof ConfigProblems) return exitCodes.usage
  if (error instanceof SetupError) return exitCodes.setup
  if (error instanceof TaskFailed) return exitCodes.taskFailed
  if (error instanceof Refusal) return exitCodes.refused
  if (error instanceof Unreachable) return exitCodes.unreachable
  return exitCodes.fault
}

export function tellError(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) return // Commander has said it.
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Refusal ? error.code : undefined
  if (json) {
    process.stderr.write(
      `${JSON.stringify({ event: 'error', message, ...(code !== undefined && { code }) })}\n`,
    )
  } else {
    process.stderr.write(`${message}\n`)
  }
}
