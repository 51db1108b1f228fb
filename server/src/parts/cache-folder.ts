import { join } from 'node:path'

/** Outside the data folder: a built Temporal serves every data folder of this user. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, dataFolder: string): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = env
  if (cache !== undefined && cache !== '') return join(cache, 'wikistead')
  return home === undefined ? join(dataFolder, 'cache') : join(home, '.cache', 'wikistead')
}
