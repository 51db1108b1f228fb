import type { UserRow, WikiRow } from '@wikistead/store'
import type { ApiDeps } from '../deps.ts'
import { isAtLeast } from './acting.ts'

/**
 * A custom domain is proven before each new use of it: since it was proven last, it may have passed to somebody else. The
 * proof is one of the user who is to have the site. What an operator does is theirs to answer for, and so are sites under
 * domains that the operator of the farm gave them, where members can bring none. @throws Refusal `domain_unproven`
 */
export async function requireProven(
  { fedwiki }: ApiDeps,
  actor: UserRow,
  { engine, custom_domain: isCustom, address }: WikiRow,
  ownerId: number,
): Promise<void> {
  if (engine !== 'fedwiki' || isCustom !== 1 || fedwiki?.rules.customDomains !== true) return
  if (!isAtLeast(actor, 'operator')) await fedwiki.proveControl(address, ownerId)
}
