import { mostPassedOver, type ProvisionedWikis } from '@wikistead/contracts'
import type { Acting } from '../access/acting.ts'
import { WikiAnswers } from '../answers/wiki-answers.ts'
import type { ApiDeps } from '../deps.ts'

/** A page of wikis in the shape of the MediaWiki extension's founders. */
export async function provisionedPage(
  deps: ApiDeps,
  acting: Acting | undefined,
  filter: Omit<Parameters<ApiDeps['store']['wikis']['list']>[0], 'limit'>,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ProvisionedWikis> {
  const rows = await deps.store.wikis.list({ ...filter, limit: limit + 1, offset })
  return {
    wikis: await new WikiAnswers(deps).seenBy(acting, rows.slice(0, limit)),
    ...(rows.length > limit && offset + limit <= mostPassedOver && { next_offset: offset + limit }),
  }
}
