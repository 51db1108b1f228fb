import { DatabaseSync } from 'node:sqlite'
import type { StoreConfig } from '@wikistead/store'

/** Every sign-in of this store on SQLite was an hour earlier. */
export function ageSignIns(place: StoreConfig): void {
  if (place.engine !== 'sqlite') throw new Error('only on SQLite')
  using database = new DatabaseSync(place.filename, { timeout: 10_000 })
  database.exec('update wikifarm_sessions set proven_at = proven_at - 3600000')
}
