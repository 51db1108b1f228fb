/** Brings a wiki to one point of every phase of its creation and keeps them there, so that one kill hits them all. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { WorkerProcess } from '../processes/worker-process.ts'
import type { MediaWikiEnds } from './mediawiki-ends.ts'
import { creationPhases, type CreationPhase } from './mediawiki-phases.ts'
import type { ScriptName } from './mediawiki-scripts.ts'
import type { MediaWikiWorld } from './mediawiki-world.ts'

export type When = 'before' | 'amid' | 'after'
export const whens: readonly When[] = ['before', 'amid', 'after']

export const phasesWith = (when: When): readonly CreationPhase[] =>
  creationPhases.filter(({ amid }) => when !== 'amid' || amid !== undefined)

interface StandingOptions {
  /** Of the phases; all when left out. */
  readonly keys?: readonly string[]
  /** Asks for a wiki, and returns the task; the world's own when left out. */
  readonly create?: (slug: string) => Promise<string>
}

export interface Standing {
  /** The tasks, by the keys of their phases. */
  readonly tasks: ReadonlyMap<string, string>
  readonly letGo: () => Promise<void>
}

/** Resolves when all of them stand there; those whose way is longest, or that stand there for a moment only, accordingly. */
export async function standAt(
  world: MediaWikiWorld,
  host: WorkerProcess,
  when: When,
  prefix: string,
  { keys: wanted, create = (slug) => world.create(slug) }: StandingOptions = {},
): Promise<Standing> {
  const tasks = new Map<string, string>()
  const releases: (() => unknown)[] = []
  const order = [late, ['ini'], ['db'], ['keys', 'copy']]
  for (const keys of order) {
    const phases = phasesWith(when).filter(({ key }) => keys.includes(key) && (wanted?.includes(key) ?? true))
    if (when === 'amid' && phases.some(({ key }) => key === 'copy')) await fillTemplate(world)
    const arrivals: (() => Promise<unknown>)[] = []
    for (const { key, activity, amid } of phases) {
      const slug = slugOf(prefix, when, key)
      if (when === 'amid') {
        const point = await amid?.(world, slug)
        arrivals.push(async () => point?.reached())
        releases.push(() => point?.letGo())
      } else {
        const stop = host.hold((at) => at.when === when && at.activity === activity && at.domain === slug)
        arrivals.push(() => stop.reached)
        releases.push(() => {
          stop.letGo()
        })
      }
    }
    for (const { key } of phases) tasks.set(key, await create(slugOf(prefix, when, key)))
    await Promise.all(arrivals.map((arrive) => arrive()))
  }
  return {
    tasks,
    async letGo() {
      await Promise.all(releases.map((release) => release()))
      await rm(extraOf(world), { recursive: true, force: true })
    },
  }
}

const late = ['install', 'cfg', 'flip', 'index']

export const slugOf = (prefix: string, when: When, key: string): string => `${prefix}-${when}-${key}`

/** So much that its copy takes a while. */
async function fillTemplate(world: MediaWikiWorld): Promise<void> {
  await mkdir(extraOf(world))
  for (let n = 0; n < 6_000; n++) await writeFile(join(extraOf(world), String(n)), '')
}

const extraOf = ({ template }: MediaWikiWorld): string => join(template, 'extra')

/** One wiki, whole; `once`: no script of it was run a second time. */
export async function expectWhole(
  world: MediaWikiWorld,
  ends: MediaWikiEnds,
  at: { readonly prefix: string; readonly when: When; readonly key: string; readonly once: boolean },
  { tasks }: Standing,
): Promise<void> {
  const slug = slugOf(at.prefix, at.when, at.key)
  await ends.expectMade(slug, tasks.get(at.key) ?? '')
  if (!at.once) return
  const scripts: readonly ScriptName[] = [
    'installPreConfigured',
    'UpdateSearchIndexConfig.php',
    'makeFounder',
  ]
  for (const script of scripts)
    expect([script, await world.scripts.starts(slug, script)]).toEqual([script, 1])
  expect(await world.scripts.starts(slug, 'ForceSearchIndex.php')).toBe(2)
}
