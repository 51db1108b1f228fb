/** What is done to whom while people ask for wikis: each process killed in turn, all at once, and ours begun anew. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Crowd, Round } from './crowd.ts'
import type { Mortal } from './mortal.ts'
import type { World } from './world.ts'

export interface StageReport {
  readonly stage: string
  readonly asked: number
  readonly succeeded: number
  /** Ended otherwise: code → how many. */
  readonly others: ReadonlyMap<string, number>
  readonly unended: number
  /** How often somebody had to ask again. */
  readonly askedAgain: number
  /** From the blow to the first wiki that was ready after it; undefined when none was. */
  readonly firstAfterMs: number | undefined
  /** From asking to the end. */
  readonly medianMs: number
  readonly longestMs: number
}

export interface Stage {
  readonly name: string
  /** Resolves when everybody lives again. */
  readonly blow: (round: Round) => Promise<void>
}

/** For installations of which only the size is tried. */
const nobody: Stage = { name: 'nobody', blow: () => Promise.resolve() }

/** Dead until three quarters of the round have ended without it, or for so long. */
const deadMs = 5_000

export function stagesOf(
  { ours, others }: World,
  upgradeTo: string | undefined,
  only: readonly string[] = [],
): readonly Stage[] {
  const victims: readonly Mortal[] = [...ours.all, ...others]
  const alone = victims.map((victim): Stage => ({
    name: victim.name.replaceAll(' ', '-'),
    async blow(round) {
      await victim.kill()
      await Promise.race([round.ended(0.75), sleep(deadMs)])
      await victim.revive()
    },
  }))
  const atOnce: Stage = {
    name: 'all-at-once',
    async blow() {
      await Promise.all(victims.map((victim) => victim.kill()))
      await Promise.all(victims.map((victim) => victim.revive()))
    },
  }
  const rolling: Stage = {
    name: 'rolling-restart',
    async blow() {
      if (upgradeTo !== undefined) ours.become(upgradeTo)
      for (const one of ours.all) {
        await one.stop()
        await one.revive()
      }
    },
  }
  if (only.includes(nobody.name)) return [nobody]
  // An upgrade comes first: what follows is then done to what was upgraded.
  return upgradeTo === undefined ? [...alone, atOnce, rolling] : [rolling, ...alone, atOnce]
}

export async function runStage(
  { name, blow }: Stage,
  crowd: Crowd,
  count: number,
  patienceMs: number,
): Promise<StageReport> {
  const round = crowd.ask(name, count, patienceMs)
  await round.ended(0.2)
  const struckAt = performance.now()
  const blown = blow(round)
  round.strike()
  await blown
  await round.over
  return reportOf(name, round, struckAt)
}

function reportOf(stage: string, { creations }: Round, struckAt: number): StageReport {
  const ended = creations.filter(({ endedAt }) => endedAt !== undefined)
  const times = ended.map(({ endedAt = 0, askedAt }) => endedAt - askedAt).sort((a, b) => a - b)
  const after = ended.map(({ endedAt = 0 }) => endedAt - struckAt).filter((ms) => ms > 0)
  const others = new Map<string, number>()
  for (const { status, code } of ended) {
    if (status === 'succeeded') continue
    const why = code ?? status ?? 'unknown'
    others.set(why, (others.get(why) ?? 0) + 1)
  }
  return {
    ...{ stage, asked: creations.length, others, unended: creations.length - ended.length },
    succeeded: ended.filter(({ status }) => status === 'succeeded').length,
    askedAgain: creations.reduce((sum, { asks }) => sum + Math.max(0, asks - 1), 0),
    firstAfterMs: after.length === 0 ? undefined : Math.min(...after),
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    longestMs: times.at(-1) ?? 0,
  }
}
