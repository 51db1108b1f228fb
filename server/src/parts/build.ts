/** Which code this process runs: a release may be many builds, and a rolling upgrade is seen by them. */
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { version } from '@wikistead/api/version'

const root = join(import.meta.dirname, '../../..')

export interface Build {
  readonly version: string
  /** The commit, else a hash of the sources. */
  readonly build: string
}

export const thisBuild = (): Build => ({ version, build: commit() ?? sourcesHash() })

/** By git's files: the command takes longer, and may not be there. */
function commit(): string | undefined {
  try {
    const dotGit = join(root, '.git')
    const folder = gitFolder(dotGit)
    const head = readFileSync(join(folder, 'HEAD'), 'utf8').trim()
    const ref = /^ref: (.+)$/.exec(head)?.[1]
    const full = ref === undefined ? head : refOf(folder, ref)
    return /^[\da-f]{40,64}$/.test(full ?? '') ? full?.slice(0, 12) : undefined
  } catch {
    return undefined
  }
}

/** A work tree that is one of several names its folder in a file. */
function gitFolder(dotGit: string): string {
  try {
    const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]
    return resolve(root, named ?? dotGit)
  } catch {
    return dotGit
  }
}

function refOf(folder: string, ref: string): string | undefined {
  const common = [folder, ...commonFolder(folder)]
  for (const each of common) {
    try {
      return readFileSync(join(each, ref), 'utf8').trim()
    } catch {
      // It may be among the packed ones.
    }
  }
  for (const each of common) {
    try {
      const packed = readFileSync(join(each, 'packed-refs'), 'utf8')
      const line = packed.split('\n').find((line) => line.endsWith(` ${ref}`))
      if (line !== undefined) return line.split(' ')[0]
    } catch {
      // There are none.
    }
  }
  return undefined
}

function commonFolder(folder: string): string[] {
  try {
    return [resolve(folder, readFileSync(join(folder, 'commondir'), 'utf8').trim())]
  } catch {
    return []
  }
}

function sourcesHash(): string {
  const hash = createHash('sha256')
  for (const source of ['package-lock.json', ...globSync('*/src/**/*.ts', { cwd: root }).sort()]) {
    hash.update(`${source}\0`).update(readFileSync(join(root, source)))
  }
  return hash.digest('hex').slice(0, 12)
}
