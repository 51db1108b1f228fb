/**
 * One of MediaWiki's scripts as a part of a phase. Its output becomes `log` events, each line once however often it is
 * read; its end is awaited; a script whose worker died is found again. A script that failed is run anew by the next
 * attempt; one that goes on failing although the database answers is no outage, and final.
 */
import type { CancelledFailure } from '@temporalio/common'
import { Refusal, type Phase } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import type { Step } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { phpUserOf } from '../folder/php-users.ts'
import { withDatabaseServer } from '../database/database-server.ts'
import { secretsHider } from './hide-secrets.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import type { OutputLine } from '../runners/runner.ts'
import { sharesItsCode } from '../runners/shared-code-cache.ts'
import { databaseName } from '../names/slug.ts'
import { folderOf } from './task-wiki.ts'

export interface Script {
  readonly phase: Phase
  /** Of this script among the task's. */
  readonly name: ScriptName
  readonly slug: string
  readonly run: number
  readonly argv: readonly string[]
  /** Of the `n`th time that it is begun, from 0: what it makes must not be there yet. */
  readonly env?: (n: number) => Readonly<Record<string, string>> | undefined
  readonly timeLimitMs: number
  /** False keeps its output out of the task's history, which may be closed by then. */
  readonly isTold?: boolean
  /** Whatever else it needs: throws while that is away, and then its failure does not count. */
  readonly needs?: ((signal: AbortSignal) => Promise<void>) | undefined
  /** Exit codes with a meaning of their own, which no other attempt would change. */
  readonly finalExits?: Readonly<Record<number, Refusal>>
}

/** Every script that a task may have begun: whoever takes the wiki away ends them first. */
const scriptNames = [
  'install',
  'index_config',
  'founder',
  'founder_instead',
  'index',
  'index_links',
  'index_changes',
  'index_deletes',
  'owner',
] as const
/** What undoes is not ended by who undoes. */
export type ScriptName = (typeof scriptNames)[number] | 'owner_undo'

/** Lines that a script may add to the task's history; more are left out. */
const mostLines = 2_000
const triesUntilFinal = 3

export interface ScriptResult {
  /** Of its standard output. */
  readonly lines: readonly string[]
  /** Which time it was, from 0. */
  readonly n: number
}

/** @throws Refusal `command_failed`; RunnerFault, ProvisioningFault */
export async function runScript(
  deps: MediaWikiDeps,
  { task: { task_id: taskId }, signal }: Pick<Step, 'task' | 'signal'>,
  script: Script,
): Promise<ScriptResult> {
  const { store, runner } = deps
  const { slug, run, phase, name, argv, timeLimitMs } = script
  const { begun, failures } = await historyOf(store, taskId, name)
  const id = idOf(taskId, run, name, begun)
  const folder = folderOf(deps, slug)
  const user = await phpUserOf(deps.phpUsers, folder)
  // What one user compiled, another would run.
  const mayShare = user === deps.phpUsers.common && (await sharesItsCode(folder))
  const shared = mayShare ? deps.sharedCodeEnv : undefined
  const env = { ...shared, ...script.env?.(begun) }
  const redact = await secretsHider(deps, slug)
  const stdout: string[] = []
  const ends = endsOf(signal)
  await using log = logLines(store, { taskId, run, phase, id })
  const { exitCode, timedOut } = await runner.run(
    { id, folder, argv, timeLimitMs, env, user },
    {
      ...{ ...ends, redact },
      onOutput(line) {
        if (line.stream === 'stdout' && stdout.length < mostLines) stdout.push(line.line)
        if (script.isTold !== false) log.hear(line)
      },
    },
  )
  await log.flush()
  if (exitCode === 0 && !timedOut) return { lines: stdout, n: begun }
  const final = timedOut ? undefined : script.finalExits?.[exitCode]
  if (final !== undefined) throw final
  const what = timedOut
    ? `${argv.join(' ')} had not ended after ${String(timeLimitMs / 1_000)} s.`
    : `${argv.join(' ')} ended with exit code ${String(exitCode)}; the task’s log has its output.`
  const note = (failures: number) =>
    store.transaction((scope) => scope.ledger.note(taskId, noteOf(name), { begun: begun + 1, failures }))
  await note(failures)
  // While the database, or the search, is away, every script fails, and none of it counts.
  await requireDatabase(deps, slug, signal)
  await script.needs?.(signal)
  await note(failures + 1)
  if (failures + 1 >= triesUntilFinal || unrepeatable.has(exitCode)) throw new Refusal('command_failed', what)
  throw new ProvisioningFault(what, `exit_${String(exitCode)}`)
}

/** What it did was not enough: the next attempt begins it anew. */
export async function beginAnew(store: Store, taskId: string, name: ScriptName): Promise<void> {
  const { begun, failures } = await historyOf(store, taskId, name)
  await store.transaction((scope) => scope.ledger.note(taskId, noteOf(name), { begun: begun + 1, failures }))
}

/** Ends whatever the task's scripts still do, and proves it. */
export async function stopScripts(
  { store, runner }: MediaWikiDeps,
  { taskId, run }: { readonly taskId: string; readonly run: number },
  signal: AbortSignal,
): Promise<void> {
  for (const name of scriptNames) {
    const { begun } = await historyOf(store, taskId, name)
    await runner.stop(idOf(taskId, run, name, begun), signal)
  }
}

/** Not executable, or not there: nothing mends that between two attempts. */
const unrepeatable: ReadonlySet<number> = new Set([126, 127])

const idOf = (taskId: string, run: number, name: ScriptName, n: number): string =>
  `${taskId}/${String(run)}/${name}/${String(n)}`

const noteOf = (name: ScriptName): string => `script/${name}`

interface ScriptHistory {
  /** How often it has ended in vain. */
  readonly begun: number
  /** How often of these the database was there. */
  readonly failures: number
}

async function historyOf(store: Store, taskId: string, name: ScriptName): Promise<ScriptHistory> {
  const note = await store.ledger.get(taskId, noteOf(name))
  return note === undefined ? { begun: 0, failures: 0 } : (JSON.parse(note.detail) as ScriptHistory)
}

/** @throws ProvisioningFault while it does not answer */
async function requireDatabase({ server }: MediaWikiDeps, slug: string, signal: AbortSignal): Promise<void> {
  await withDatabaseServer(server, databaseName(slug), { signal, deadlineMs: 20_000 }, async () => undefined)
}

/** A person's cancellation ends the script; a worker that stops, or has lost touch, leaves it to its successor. */
function endsOf(signal: AbortSignal): { readonly signal: AbortSignal; readonly leave: AbortSignal } {
  const [end, leave] = [new AbortController(), new AbortController()]
  const hear = (): void => {
    const reason = signal.reason as CancelledFailure
    const of = reason.message === 'CANCELLED' ? end : leave
    of.abort(reason)
  }
  if (signal.aborted) hear()
  else signal.addEventListener('abort', hear, { once: true })
  return { signal: end.signal, leave: leave.signal }
}

interface LogPlace {
  readonly taskId: string
  readonly run: number
  readonly phase: Phase
  readonly id: string
}

/** Lines reach the store in batches, in their order. */
function logLines(store: Store, { taskId, run, phase, id }: LogPlace) {
  let waiting: OutputLine[] = []
  let told = 0
  let writing: Promise<void> | undefined
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting.slice(0, linesAtOnce)
      waiting = waiting.slice(linesAtOnce)
      const events = lines.map(({ stream, line, end }) => ({
        event: { type: 'log', phase, stream, line } as const,
        dedupeKey: keyOf(id, stream, end),
      }))
      await store.transaction((scope) => scope.tasks.appendLogs({ taskId, run, events }))
    }
  }
  const flush = async (): Promise<void> => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    await writing
  }
  return {
    hear(line: OutputLine): void {
      told += 1
      if (told > mostLines) return
      waiting.push(
        told === mostLines ? { ...line, line: 'There is more output, which is left out here.' } : line,
      )
      // What cannot be told now is told at the end, or the attempt fails.
      void flush().catch(() => undefined)
    },
    flush,
    [Symbol.asyncDispose]: async () => {
      await flush().catch(() => undefined)
    },
  }
}

const linesAtOnce = 200

/** A dedupe key has 191 characters at most. */
const keyOf = (id: string, stream: string, end: number): string => `log/${id}/${stream}/${String(end)}`
