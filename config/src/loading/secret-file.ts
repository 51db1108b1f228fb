/**
 * A file that holds a secret. It is one line; of a secret that is being changed it may be two: the new one first, then the
 * one before, which counts as well for as long as it stands there.
 */
import { readFileSync, statSync } from 'node:fs'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { Secret } from '../secret.ts'

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
 * @param fits whether lines are what the setting wants
 */
export function secretOfFile(
  path: string,
  first: readonly string[],
  fits: (lines: readonly string[]) => boolean,
): Secret {
  let values = first
  // What was read first may be older than what is there by now.
  let seen: string | undefined
  const now = (): readonly string[] => {
    const print = printOf(path)
    if (print === undefined || print === seen) return values
    seen = print
    const found = linesIfThere(path)
    if (found === undefined || !fits(found)) return values
    for (const value of found) learnSecret(value)
    values = found
    return values
  }
  return new Secret(now, path)
}

/** Of a file that we keep ourselves, with a secret as random as ours are. @throws SecretFileError; of the file system */
export function keptSecretOf(path: string): Secret {
  const fits = (lines: readonly string[]) => lines.length > 0 && lines.every((line) => line.length >= 32)
  const first = readSecretFile(path)
  if (!fits(first)) throw new SecretFileError(`${path} holds no secret: remove it, and it is made anew`)
  return secretOfFile(path, first, fits)
}

function linesIfThere(path: string): readonly string[] | undefined {
  try {
    return readSecretFile(path)
  } catch {
    return undefined
  }
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
