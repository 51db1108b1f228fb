/**
 * A file that holds a secret. It is one line; of a secret that is being changed it may be two: the new one first, then the
 * one before, which counts as well for as long as it stands there.
 */
import { readFileSync, statSync } from 'node:fs'
import { Secret } from './secret.ts'

/** More is no secret: somebody named another file. */
const mostBytes = 65_536

/** Its lines. @throws SecretFileError; an error of the file system */
export function readSecretFile(path: string): readonly string[] {
  const stats = statSync(path)
  // Of a pipe, as shells make them, the mode says nothing.
  if (stats.isFile() && (stats.mode & 0o002) !== 0) {
    throw new SecretFileError(`everybody on this machine can write to that file: run \`chmod 600 ${path}\``)
  }
  if (stats.size > mostBytes) throw new SecretFileError('that file is too large to be a secret')
  const text = readFileSync(path, 'utf8').replace(/(?:\r?\n)+$/, '')
  return text === '' ? [] : text.split(/\r?\n/)
}

/** Whether others of this machine than its owner and group can read it. */
export function isOpenFile(path: string): boolean {
  try {
    const stats = statSync(path)
    return stats.isFile() && (stats.mode & 0o004) !== 0
  } catch {
    return false
  }
}

/** Its message says what to mend. */
export class SecretFileError extends Error {}

/**
 * The secret in a file that is read anew once it was changed, so that a secret is changed without a start of whoever
 * uses it. While the file is not as it must be, what it said before counts.
 *
 * @param read what the file holds now, all of it as the setting wants it; undefined when it does not
 */
export function secretOfFile(
  path: string,
  first: readonly string[],
  read: () => readonly string[] | undefined,
): Secret {
  let values = first
  // What was read first may be older than what is there by now.
  let seen: string | undefined
  return new Secret(() => {
    const now = printOf(path)
    if (now !== undefined && now !== seen) {
      const found = read()
      if (found !== undefined) values = found
      seen = now
    }
    return values
  })
}

/** Differs once the file was written or replaced. */
function printOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join()
  } catch {
    return undefined
  }
}
