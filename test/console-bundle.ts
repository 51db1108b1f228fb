import { join } from 'node:path'
import { consoleBundle } from '@wikistead/console'

/** The built console that all tests of one state of the sources share. */
export const sharedConsoleBundle = (): Promise<string> =>
  consoleBundle(join(import.meta.dirname, '../node_modules/.cache/wikistead'))
