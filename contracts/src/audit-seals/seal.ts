/**
 * A seal names some rows of the audit log, each with its print, and the seal before it: none of them can be changed, taken
 * out or put between without every later seal being made anew. Made with a key, that takes the key.
 */
import { createHash, createHmac } from 'node:crypto'
import { learnSecret } from '../hide-secrets.ts'
import { canonical, printOf, type Line } from './canonical.ts'

export interface Seal {
  /** 1, 2, 3, … */
  readonly seal: number
  /** The hash of the seal before; empty for the first. */
  readonly previous: string
  /** No row up to this one is left for a later seal, but for those that came late. */
  readonly up_to: number
  readonly at: number
  /** The name of the key that it was made with; null without one. */
  readonly key_id: string | null
  readonly row_count: number
  /** How many of its rows have ids that an earlier seal had gone past. */
  readonly late: number
  /** `id:print`, with blanks between. */
  readonly entries: string
  readonly hash: string
}

/** Where a chain has got to. */
export type SealPlace = Pick<Seal, 'seal' | 'hash' | 'up_to'>
export const beginning: SealPlace = { seal: 0, hash: '', up_to: 0 }

/** A secret by the name that seals have for it. */
export interface SealKey {
  readonly id: string
  readonly secret: string
}

/** Hidden from then on in whatever this process tells. */
export function sealKey(secret: string): SealKey {
  learnSecret(secret)
  return {
    id: createHash('sha256').update(`wikistead audit key ${secret}`).digest('hex').slice(0, 16),
    secret,
  }
}

/** Of a setting or a file: secrets with blanks between, the first of which new seals are made with. */
export const sealKeys = (words: string): readonly SealKey[] =>
  words
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(sealKey)

/** Over what is named here, whatever a later release keeps beside it. */
export function hashOf(made: Seal, key: SealKey | undefined): string {
  const { seal, previous, up_to, at, key_id, row_count, late, entries } = made
  const sealed = canonical({ seal, previous, up_to, at, key_id, row_count, late, entries })
  const hashing = key === undefined ? createHash('sha256') : createHmac('sha256', key.secret)
  return hashing.update(sealed).digest('base64url')
}

export function makeSeal(
  after: SealPlace,
  rows: readonly Line[],
  { at, upTo, key }: { readonly at: number; readonly upTo: number; readonly key: SealKey | undefined },
): Seal {
  const ids = rows.map(idOf)
  const seal: Seal = {
    ...{ seal: after.seal + 1, previous: after.hash, up_to: Math.max(upTo, after.up_to), at },
    ...{ key_id: key?.id ?? null, row_count: rows.length, hash: '' },
    late: ids.filter((id) => id <= after.up_to).length,
    entries: rows.map((row) => `${String(idOf(row))}:${printOf(row)}`).join(' '),
  }
  return { ...seal, hash: hashOf(seal, key) }
}

export const idOf = (row: Line): number => Number(row['audit_id'])

/** The prints of a seal's rows by their ids; what is no entry has none. */
export function entriesOf({ entries }: Pick<Seal, 'entries'>): ReadonlyMap<number, string> {
  const pairs = entries === '' ? [] : entries.split(' ')
  return new Map(pairs.map((pair) => [Number(pair.split(':', 1)[0]), pair.slice(pair.indexOf(':') + 1)]))
}
