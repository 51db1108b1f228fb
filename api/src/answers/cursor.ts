/** A page's end, handed out as an opaque text and taken back only if it is one of ours. */
import { Refusal } from '@wikistead/contracts'
import type { z } from 'zod'

export const encodeCursor = (value: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** @throws Refusal `invalid_request` */
export function decodeCursor<T>(cursor: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new Refusal('invalid_request', 'This cursor is not one that a page gave out.', { cursor })
  }
}
