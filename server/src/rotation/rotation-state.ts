/**
 * How far the change of a secret is, by what its file holds and by a note that tells the new one of the two. The file alone
 * would not: a change that was cut off goes on, and does not go back.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type RotationState =
  /** One secret, or one that no change of ours is about. */
  | { readonly at: 'rest'; readonly old: string }
  /** Whoever takes it takes both; all who use it use the old one. */
  | { readonly at: 'both'; readonly next: string; readonly old: string }
  /** Whoever uses it uses the new one, or is about to. */
  | { readonly at: 'used'; readonly next: string; readonly old: string }
  | { readonly at: 'over'; readonly next: string }
  /** Two secrets, and nobody knows which of them is new. */
  | { readonly at: 'unknown' }

/** @param print of the new one, as it was noted; undefined when nothing was */
export function stateOf(
  [first = '', second, ...more]: readonly string[],
  print: string | undefined,
): RotationState {
  if (more.length > 0) return { at: 'unknown' }
  if (second === undefined) {
    return print === printOf(first) ? { at: 'over', next: first } : { at: 'rest', old: first }
  }
  if (print === printOf(second)) return { at: 'both', next: second, old: first }
  return print === printOf(first) ? { at: 'used', next: first, old: second } : { at: 'unknown' }
}

/** Of a secret that is random: it tells nothing of it. */
export const printOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The note, in the data folder. */
export class RotationNote {
  readonly #folder: string
  readonly #file: string

  constructor(dataFolder: string, setting: string) {
    this.#folder = join(dataFolder, 'rotation')
    this.#file = join(this.#folder, `${setting}.json`)
  }

  async read(): Promise<string | undefined> {
    try {
      const { print } = JSON.parse(await readFile(this.#file, 'utf8')) as { readonly print?: unknown }
      return typeof print === 'string' ? print : undefined
    } catch {
      return undefined
    }
  }

  async write(print: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(`${this.#file}.new`, `${JSON.stringify({ print })}\n`, { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true })
  }
}
