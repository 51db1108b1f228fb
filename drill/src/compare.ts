/**
 * What must be true when all is over, whoever was killed: every wiki that was asked for is there once and whole, or not at
 * all and said so; nothing else is there; nothing is under way. A pure comparison of what was asked with what was found.
 */
export interface Asked {
  readonly engine: 'fedwiki' | 'mediawiki'
  readonly name: string
  readonly taskId: string | undefined
}

export interface FoundTask {
  readonly taskId: string
  readonly status: string
  readonly ended: boolean
  readonly run: number
  readonly lastSeq: number
  readonly events: readonly { readonly seq: number; readonly type: string; readonly status?: string }[]
  /** Steps that undoing would still have to take back, of a task that failed. */
  readonly openLedger: number
  /** As Temporal has it; undefined when it knows none. */
  readonly workflow: string | undefined
}

export interface FoundWiki {
  readonly engine: string
  readonly name: string
  readonly status: string
  /** The name is held. */
  readonly claimed: boolean
  /** A task holds it. */
  readonly busy: boolean
}

export interface FoundAlarm {
  readonly code: string
  /** A wiki's name, a task's id, or another thing's. */
  readonly names: string
}

export interface Found {
  readonly tasks: readonly FoundTask[]
  readonly wikis: readonly FoundWiki[]
  /** Names of sites in the farm's folder. */
  readonly sites: readonly string[]
  /** Of MediaWiki wikis, over all hosts, each as often as it is there. */
  readonly folders: readonly string[]
  readonly keys: readonly string[]
  readonly databases: readonly string[]
  /** Ids of workflows of ours that still run. */
  readonly running: readonly string[]
  readonly alarms: readonly FoundAlarm[]
}

/** `told`: an open alarm names it, so an operator knows. */
type Kind = 'lost' | 'doubled' | 'stuck' | 'left over' | 'torn log' | 'told'

export interface Finding {
  readonly kind: Kind
  readonly what: string
}

export function compare(asked: readonly Asked[], found: Found): readonly Finding[] {
  const known = (finding: Finding, one: Asked): Finding =>
    found.alarms.some((alarm) => alarm.names === one.name || alarm.names === one.taskId)
      ? { ...finding, kind: 'told' }
      : finding
  return [
    ...asked.flatMap((one) => ofCreation(one, found).map((finding) => known(finding, one))),
    ...strangers(asked, found),
    ...found.running.map((id): Finding => ({ kind: 'stuck', what: `workflow ${id} still runs` })),
    ...found.alarms.map(({ code, names }): Finding => ({ kind: 'told', what: `${code}: ${names}` })),
  ]
}

function ofCreation({ engine, name, taskId }: Asked, found: Found): Finding[] {
  const findings: Finding[] = []
  const say = (kind: Kind, what: string) => findings.push({ kind, what: `${name}: ${what}` })
  if (taskId === undefined) {
    say('lost', 'was never accepted')
    return findings
  }
  const task = found.tasks.find((each) => each.taskId === taskId)
  if (task === undefined) {
    say('lost', `its task ${taskId} is not in the store`)
    return findings
  }
  if (!task.ended) say('stuck', `its task is ${task.status}`)
  for (const torn of tornLog(task)) say('torn log', torn)
  if (task.ended && task.workflow === undefined) say('lost', 'Temporal knows no workflow of it')
  const wikis = found.wikis.filter((wiki) => wiki.engine === engine && wiki.name === name)
  const held = wikis.filter(({ claimed }) => claimed)
  const things =
    engine === 'fedwiki'
      ? [['site', found.sites] as const]
      : ([
          ['folder', found.folders],
          ['OAuth keys', found.keys],
          ['database', found.databases],
        ] as const)
  const counts = things.map(([what, names]) => [what, names.filter((each) => each === name).length] as const)
  if (task.status === 'succeeded') {
    if (held.length === 0) say('lost', 'its row is gone')
    if (held.length > 1 || wikis.length > 1) say('doubled', `${String(wikis.length)} rows`)
    for (const { status, busy } of held) if (status !== 'active' || busy) say('stuck', `its row is ${status}`)
    for (const [what, count] of counts) {
      if (count === 0) say('lost', `its ${what} is gone`)
      if (count > 1) say('doubled', `${String(count)} × ${what}`)
    }
  } else if (task.ended) {
    if (held.length > 0) say('left over', 'its name is still claimed')
    for (const [what, count] of counts) if (count > 0) say('left over', `its ${what}`)
    if (task.openLedger > 0) say('left over', `${String(task.openLedger)} steps that were not taken back`)
  }
  return findings
}

/** A log has no gap, and each life of its task ends once. */
function* tornLog({ events, lastSeq, run, ended }: FoundTask): Generator<string> {
  if (events.some(({ seq }, n) => seq !== n + 1)) yield 'its events have a gap'
  if (events.length !== lastSeq) yield `${String(events.length)} events, and the row says ${String(lastSeq)}`
  const ends = events.filter(({ type }) => type === 'status').length
  if (ended && ends !== run) yield `${String(run)} lives ended ${String(ends)} times`
}

/** What nobody asked for. */
function strangers(asked: readonly Asked[], found: Found): Finding[] {
  const names = new Set(asked.map(({ name }) => name))
  const tasks = new Set(asked.map(({ taskId }) => taskId))
  const all = [
    ...found.wikis.map(({ name }) => ['row', name] as const),
    ...found.sites.map((name) => ['site', name] as const),
    ...found.folders.map((name) => ['folder', name] as const),
    ...found.databases.map((name) => ['database', name] as const),
  ]
  return [
    ...all
      .filter(([, name]) => !names.has(name))
      .map(([what, name]): Finding => ({
        kind: 'left over',
        what: `${what} ${name}, which nobody asked for`,
      })),
    ...found.tasks
      .filter(({ taskId }) => !tasks.has(taskId))
      .map(({ taskId }): Finding => ({ kind: 'doubled', what: `task ${taskId}, which nobody was told of` })),
  ]
}
