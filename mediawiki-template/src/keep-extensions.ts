/** What an operator has put into a template's extensions outlives the template that is replaced, or is named. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { mediaWikiVersion } from './mediawiki-tree.ts'

const run = promisify(execFile)

export interface OwnExtensions {
  /** Names of those that were taken over. */
  readonly kept: readonly string[]
  /** Names of those that were of another MediaWiki, and are not in the new one. */
  readonly left: readonly string[]
}

/**
 * @param old the template that is replaced, if there is one
 * @param mediawiki where the new one's extensions are
 */
export async function keepExtensions(
  old: string,
  mediawiki: string,
  version: string,
): Promise<OwnExtensions> {
  const [had, has] = await Promise.all([namesIn(old), namesIn(mediawiki)])
  const own = had.filter((name) => !has.includes(name))
  if (own.length === 0) return { kept: [], left: [] }
  const isSame = [await mediaWikiVersion(old), await mediaWikiVersion(join(old, 'mediawiki'))].includes(
    version,
  )
  if (!isSame) return { kept: [], left: own }
  for (const name of own) {
    // What a link leads to would look for MediaWiki where it is itself.
    await run('cp', ['-a', '-L', '--', join(old, 'extensions', name), join(mediawiki, 'extensions', name)])
  }
  return { kept: own, left: [] }
}

async function namesIn(mediawiki: string): Promise<readonly string[]> {
  const entries = await readdir(join(mediawiki, 'extensions'), { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
  // A name like `WikiFarm.12.making` is half of one.
  return folders.map(({ name }) => name).filter((name) => !name.includes('.'))
}
