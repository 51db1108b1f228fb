import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const { version: ofTheTree } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { readonly version: string }

/** Of what is served, as clients see it: the one number of this tree, which package.json and CHANGELOG.md have. */
export const version = ofTheTree
