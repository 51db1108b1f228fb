/** A process of ours that was killed, or whose machine was lost, is an incident until another is in its place. */
import { isContention, type SeenInstance, type Store } from '@wikistead/store'

const code = 'part_away'
const roles = ['api', 'worker', 'start'] as const

const subjectOf = ({ role, machine }: Pick<SeenInstance, 'role' | 'machine'>): string => `${role}@${machine}`

/** Whoever is silent without having said that it ends is away. A host has an alarm of its own. */
export async function watchInstances(store: Store, leaseMs?: number): Promise<void> {
  const silent = (await store.instances.list(leaseMs)).filter(
    ({ role, alive, ended_at: endedAt }) => role !== 'host' && !alive && endedAt === null,
  )
  for (const each of silent) await begin(store, each)
  const away = new Set(silent.map(subjectOf))
  for (const { subject } of await store.alarms.open(code)) {
    const isProcess = roles.some((role) => subject.startsWith(`${role}@`))
    if (isProcess && !away.has(subject)) await store.incidents.end(code, subject, store.now())
  }
}

/** Its successor stands in its place. */
export async function tellOfKilled(store: Store, killed: SeenInstance): Promise<void> {
  try {
    await begin(store, killed)
    await store.incidents.end(code, subjectOf(killed), store.now())
  } catch (error) {
    // What only tells is no reason not to start.
    if (!isContention(error)) throw error
  }
}

async function begin(store: Store, { role, machine, seen_at: at }: SeenInstance): Promise<void> {
  const subject = subjectOf({ role, machine })
  await store.incidents.begin({
    ...{ code, subject, at, detail: { part: role } },
    message: `Wikistead (${role}) on ${machine} was last heard of at ${new Date(at).toISOString()}: it was killed, or its machine was lost.`,
    mend: 'Start it again; that clears this.',
    counts: (await store.alarms.find(code, subject)) === undefined,
  })
}
