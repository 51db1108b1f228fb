/**
 * The one form in which rows of the audit log and seals are hashed and exported: JSON on one line, its names in the order
 * of their letters, without what is empty. A column that a later release adds changes nothing of the rows before it.
 */
import { createHash } from 'node:crypto'

export type Line = Readonly<Record<string, string | number | null>>

export function canonical(line: Line): string {
  const told = Object.entries(line).filter(([, value]) => value !== null)
  return JSON.stringify(Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** Of a row: SHA-256 of its line, without the line's end. */
export function printOf(row: Line): string {
  return createHash('sha256').update(canonical(row)).digest('base64url')
}
