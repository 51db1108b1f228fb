/**
 * CirrusSearch itself, as `npm run test:cirrus` is given it: WIKISTEAD_CIRRUS_EXTENSIONS is a folder with the folders
 * CirrusSearch, Elastica and OAuth, each with its libraries, and WIKISTEAD_CIRRUS_OPENSEARCH the address of an OpenSearch
 * without a password, whose indices are the tests' to make and remove.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { SearchServer } from '@wikistead/mediawiki'
import { startSearchGate, type SearchGate } from './search-gate.ts'

export interface CirrusParts {
  /** The folder of the extensions. */
  readonly extensions: string
  readonly server: SearchServer
}

const run = promisify(execFile)
const names = ['Elastica', 'CirrusSearch', 'OAuth']

/** Behind a gate that wants a password, below a path, and can be shut. @throws Error that names what is missing */
export async function cirrusParts(): Promise<CirrusParts & { readonly gate: SearchGate }> {
  const { WIKISTEAD_CIRRUS_EXTENSIONS: extensions, WIKISTEAD_CIRRUS_OPENSEARCH: endpoint } = process.env
  if (extensions === undefined || endpoint === undefined) {
    throw new Error('set WIKISTEAD_CIRRUS_EXTENSIONS and WIKISTEAD_CIRRUS_OPENSEARCH: see docs/search.md')
  }
  for (const name of names) {
    if (!existsSync(join(extensions, name, 'vendor/autoload.php')))
      throw new Error(`${extensions} has no ${name} with its libraries (vendor/autoload.php)`)
  }
  const gate = await startSearchGate(endpoint)
  return { extensions, server: gate.server, gate }
}

/** Copies: through a link their scripts would look for MediaWiki where the link leads. */
export async function putCirrusInto(mediawiki: string, extensions: string): Promise<void> {
  for (const name of names) {
    await run('cp', ['-a', '-L', '--', join(extensions, name), join(mediawiki, 'extensions', name)])
  }
}
