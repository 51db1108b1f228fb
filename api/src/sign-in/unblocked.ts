import { Refusal } from '@wikistead/contracts'
import type { UserRow } from '@wikistead/store'

/** @throws Refusal `blocked` */
export function requireUnblocked({ blocked_at: blockedAt }: UserRow): void {
  if (blockedAt === null) return
  throw new Refusal('blocked', 'This account is blocked. Ask an operator of the farm why.')
}
