import { Refusal, type RefusalCode } from '@wikistead/contracts'

/** Refused before anything was made: there is nothing of such an attempt to undo. */
export function leftNothing(error: unknown): boolean {
  return error instanceof Refusal && untouched.has(error.code)
}

const untouched: ReadonlySet<RefusalCode> = new Set([
  'folder_foreign',
  'database_foreign',
  'name_reserved',
  'template_missing',
  'invalid_slug',
])
