import { isAbsolute, join } from 'node:path'
import type { Environment } from './setting-flags.ts'

/** Where the demo lives: beside the folder of a `start` that is in earnest. Undefined without a home. */
export function demoFolder({ XDG_DATA_HOME: data = '', HOME: home = '' }: Environment): string | undefined {
  if (isAbsolute(data)) return join(data, 'wikistead-demo')
  return isAbsolute(home) ? join(home, '.local/share/wikistead-demo') : undefined
}
