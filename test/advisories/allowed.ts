import type { Allowed } from './judge-advisories.ts'

/** Advisories that somebody has looked at and that do not reach us. */
export const allowed: readonly Allowed[] = []
