/** Whether MariaDB has places for all of our processes: it knows how many were taken at the most, and by whom now. */
import type { Config } from '@wikistead/config'
import { takenConnections, type TakenConnections } from '@wikistead/store'
import { storeConfig } from '../parts/open-store.ts'
import { doubtful, fine, type Check } from './check.ts'

/** Nothing where the store is a file, or does not answer: the store's own check tells that. */
export async function checkStoreConnections(config: Config): Promise<Check[]> {
  const place = storeConfig(config)
  if (place.engine === 'sqlite') return []
  try {
    return [judgeConnections(await takenConnections(place))]
  } catch {
    return []
  }
}

/** A fifth of the places is left for people, backups and a rolling upgrade. */
export function judgeConnections({ taken, most, limit }: TakenConnections): Check {
  const name = 'store connections'
  const detail = `${String(taken)} of ${String(limit)} taken, ${String(most)} at the most since the server began`
  if (most <= limit * 0.8) return fine(name, detail)
  return doubtful(
    name,
    detail,
    `Set max_connections of MariaDB to ${String(Math.ceil((most * 2) / 50) * 50)}, or a smaller store-pool-size.`,
  )
}
