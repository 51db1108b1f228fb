/**
 * Commands in a wiki's folder: by way of the Docker Engine, of Portainer, or on the host itself. A command outlives
 * whoever asked for it. `run` with the same id finds it again: still running, ended, or proven dead and then, and only
 * then, run once more.
 */
import type { FileOwner } from '../folder/php-users.ts'

export interface Runner extends AsyncDisposable {
  readonly kind: 'docker' | 'portainer' | 'host'

  /**
   * How the command ended, once it has. Every exit code is a result, also of a command that does not exist (127).
   *
   * @throws RunnerFault when nobody can tell now, or when the command was killed with all that watched it: ask again.
   * @throws the signal's reason, after the command is proven to have stopped.
   */
  run(command: RunnerCommand, options: RunnerOptions): Promise<RunnerResult>

  /**
   * Ends the command of this id, whoever started it, and waits for the proof that nothing of it is left. Anything that
   * takes a wiki away calls this first: the worker that ran the command may be gone. A command that never was is over.
   *
   * @throws the signal's reason when that comes first; the command may run on.
   */
  stop(id: string, signal: AbortSignal): Promise<void>

  /** The ids of all commands of which something is kept. */
  known(): Promise<readonly string[]>

  /** Removes what is kept of the commands whose id is `prefix` or starts with `prefix/`; they must not be running. */
  forget(prefix: string): Promise<void>

  /** Runs PHP once, the whole way that a command goes. */
  check(): Promise<RunnerCheck>
}

export interface RunnerCommand {
  /** Stable for one command of one task's life, e.g. `${taskId}/${run}/docker_install`: letters, digits, `-_/`. */
  readonly id: string
  /** The wiki's folder on this host, absolute. */
  readonly folder: string
  readonly argv: readonly string[]
  /** From the command's own start, whoever looks on; after it the command is ended. */
  readonly timeLimitMs: number
  readonly env?: Readonly<Record<string, string>>
  /** Whom it runs as; PHP's common user when left out. */
  readonly user?: FileOwner
}

export interface RunnerOptions {
  readonly onOutput: (line: OutputLine) => void
  /** Takes secrets of this command out of each line of its output, before a long one is cut. */
  readonly redact?: (line: string) => string
  /** Ends the command. */
  readonly signal: AbortSignal
  /** Ends this call only, at once, and throws this signal's reason; the command runs on for the next one to find. */
  readonly leave?: AbortSignal
  /**
   * Called before a command is run once more that began and never ended, when nothing of it runs any longer: puts right
   * what it may have left half done. No other call may be running this command meanwhile.
   */
  readonly beforeAgain?: () => Promise<void>
  /** Where an earlier call's output ended; else all that is kept comes again. */
  readonly outputFrom?: OutputPosition
}

/** Bytes of each stream, over all lives of the command. */
export interface OutputPosition {
  readonly stdout: number
  readonly stderr: number
}

/** Valid Unicode, without control characters; cut when very long. */
export interface OutputLine {
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
  /** Where this line ended in its stream, for `outputFrom`. */
  readonly end: number
}

export interface RunnerResult {
  /** As a shell has it: 126 not executable, 127 not found, 128 and the signal's number when one ended it. */
  readonly exitCode: number
  readonly timedOut: boolean
}

export interface RunnerCheck {
  readonly ok: boolean
  readonly detail: string
  readonly mend?: string
}
