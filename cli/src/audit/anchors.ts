/** A seal that was written down elsewhere: `12:hash`. Whoever rewrites the database cannot rewrite that. */
import { readFile } from 'node:fs/promises'
import type { Seal, SealPlace } from '@wikistead/contracts/audit-seals'
import { CommandFailure } from '../errors.ts'

export type Anchor = Pick<Seal, 'seal' | 'hash'>

export const anchorText = ({ seal, hash }: Pick<SealPlace, 'seal' | 'hash'>): string =>
  `${String(seal)}:${hash}`

const form = /(?<![\w-])(\d+):([\w-]{43})(?![\w-])/g

export const anchorsIn = (text: string): Anchor[] =>
  [...text.matchAll(form)].map(([, seal, hash = '']) => ({ seal: Number(seal), hash }))

/** Of the command line: an anchor, or a file that holds some. @throws CommandFailure */
export async function anchorsOf(given: readonly string[]): Promise<readonly Anchor[]> {
  const found: Anchor[] = []
  for (const each of given) {
    const here = anchorsIn(each)
    found.push(...(here.length > 0 ? here : anchorsIn(await contentOf(each))))
  }
  if (given.length > 0 && found.length === 0) throw noAnchor(given.join(', '))
  return found
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw noAnchor(file)
  }
}

const noAnchor = (what: string): CommandFailure =>
  new CommandFailure('usage', `${what} is no anchor, and no file with one.`, {
    next: 'An anchor is what `wikistead audit verify` tells as the head, like 12:0aZ….',
  })
