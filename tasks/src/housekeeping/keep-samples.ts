/** Counts what there is, every ten minutes, so that an operator sees how the farm has grown. */
import { sampleEveryMs, type Store } from '@wikistead/store'

/** Once in ten minutes, however often it is asked. @param last what it gave before */
export async function keepSamples(store: Store, last: number): Promise<number> {
  const now = store.now()
  const moment = now - (now % sampleEveryMs)
  if (moment === last) return last
  const counted = await store.figures.counted()
  for (const { alive, version } of await store.instances.list()) {
    if (!alive) continue
    const sample = `version/${version}`
    counted.set(sample, (counted.get(sample) ?? 0) + 1)
  }
  const hosts = await store.hosts.list()
  // One without a limit has room for any number: then nobody can say how much there is.
  if (hosts.length > 0 && hosts.every(({ capacity }) => capacity !== null)) {
    counted.set(
      'places/mediawiki',
      hosts.reduce((sum, { capacity }) => sum + (capacity ?? 0), 0),
    )
  }
  await store.samples.keep(now, counted)
  return moment
}
