/** The console's files, built when there are none of these sources yet. */
import type { Config } from '@wikistead/config'
import { consoleBundle } from '@wikistead/console'
import { cacheFolder } from './cache-folder.ts'
import type { Environment } from './environment.ts'

/** Their folder; undefined where the API is to serve no console. */
export async function openConsole(
  config: Config,
  { env, onNote = () => undefined }: Pick<Environment, 'env' | 'onNote'>,
): Promise<string | undefined> {
  if (!config.console) return undefined
  return consoleBundle(cacheFolder(env, config.dataFolder), () => {
    onNote('building the web console; this takes seconds, once')
  })
}
