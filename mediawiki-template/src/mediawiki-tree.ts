/**
 * Finds a MediaWiki to make templates from: the one that was named, the one that an earlier run kept, the one of the
 * Debian mirror that this machine uses. The last is kept.
 */
import { access, mkdir, readFile, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeTree, SetupError, tryLock, type ExclusiveLock } from '@wikistead/processes'
import { unpackDebianMediaWiki } from './debian-mediawiki.ts'

export interface MediaWikiTreeSearch {
  /** What `WIKISTEAD_MEDIAWIKI` names, if anything. */
  readonly named?: string | undefined
  /** Where the mirror's is kept; made when missing. */
  readonly cacheFolder: string
  /** Lines for a person who waits. */
  readonly onProgress?: (line: string) => void
}

export interface MediaWikiTree {
  /** Absolute. */
  readonly path: string
  /** E.g. `1.43.9`. */
  readonly version: string
  /** One line: which was taken. */
  readonly explanation: string
}

/** The oldest MediaWiki that templates are made from. */
export const oldestMediaWiki = '1.43'

/** @throws SetupError, whose message says what to run. */
export async function obtainMediaWikiTree(search: MediaWikiTreeSearch): Promise<MediaWikiTree> {
  const { named, cacheFolder } = search
  if (named !== undefined && named !== '') return takeNamed(resolve(named))
  const kept = resolve(cacheFolder, 'mediawiki')
  const found = await take(kept, 'kept from an earlier run')
  if (found !== undefined) return found

  await mkdir(cacheFolder, { recursive: true, mode: 0o755 })
  using lock = await waitForLock(join(cacheFolder, 'mediawiki.lock'), search)
  const meanwhile = await take(kept, 'fetched by another process just now')
  if (meanwhile !== undefined) return meanwhile
  const making = `${kept}.making`
  try {
    await removeTree(making)
    await mkdir(making, { mode: 0o755 })
    await rename(await unpackDebianMediaWiki(making, search.onProgress), kept)
  } finally {
    await removeTree(making)
    lock.release()
  }
  return (await take(kept, 'from this machine’s Debian mirror')) ?? fail(kept, 'is no MediaWiki')
}

/** E.g. `1.43.9`; undefined when the folder holds no MediaWiki. */
export async function mediaWikiVersion(folder: string): Promise<string | undefined> {
  const defines = await readFile(join(folder, 'includes', 'Defines.php'), 'utf8').catch(() => '')
  return /define\( *'MW_VERSION', *'([^']+)' *\)/.exec(defines)?.[1]
}

/** Whether a version is at least `oldest`, both like `1.43`. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number.parseFloat)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

async function takeNamed(path: string): Promise<MediaWikiTree> {
  const found = await take(path, 'WIKISTEAD_MEDIAWIKI')
  if (found === undefined) fail(path, 'is no MediaWiki')
  if (!isAtLeast(found.version, oldestMediaWiki))
    fail(path, `is ${found.version}, older than ${oldestMediaWiki}`)
  // A checkout of the sources lacks its libraries.
  await access(join(path, 'vendor', 'autoload.php')).catch(() =>
    fail(path, 'has no vendor/autoload.php (run composer in it)'),
  )
  return found
}

async function take(path: string, how: string): Promise<MediaWikiTree | undefined> {
  const version = await mediaWikiVersion(path)
  if (version === undefined) return undefined
  return { path, version, explanation: `MediaWiki ${version}: ${path} (${how})` }
}

function fail(path: string, why: string): never {
  throw new SetupError(
    `${path} ${why}; set WIKISTEAD_MEDIAWIKI to a folder of MediaWiki ${oldestMediaWiki} or newer`,
  )
}

async function waitForLock(file: string, { onProgress }: MediaWikiTreeSearch): Promise<ExclusiveLock> {
  for (let waited = false; ; waited = true) {
    const lock = tryLock(file)
    if (lock !== undefined) return lock
    if (!waited) onProgress?.('another process is fetching MediaWiki; waiting for it')
    await sleep(250)
  }
}
