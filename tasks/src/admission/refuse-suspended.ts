import { Refusal } from '@wikistead/contracts'
import type { Store, TaskRow, WikiRow } from '@wikistead/store'

/** What is suspended stays as it is, whoever asks, until an operator lifts that. @throws Refusal `wiki_suspended` */
export function refuseSuspended({
  address,
  suspended_at: since,
}: Pick<WikiRow, 'address' | 'suspended_at'>): void {
  if (since === null) return
  throw new Refusal(
    'wiki_suspended',
    `${address} is suspended by an operator, and stays as it is until that is lifted.`,
  )
}

/**
 * Before anything is removed for good: what was admitted before the suspension must not take away what it is to keep.
 * @throws Refusal `wiki_suspended`
 */
export async function refuseToRemoveSuspended(
  { wikis }: Pick<Store, 'wikis'>,
  { wiki_id: wikiId, input }: Pick<TaskRow, 'wiki_id' | 'input'>,
): Promise<void> {
  const { evenSuspended } = JSON.parse(input) as { readonly evenSuspended?: unknown }
  const wiki = wikiId === null || evenSuspended === true ? undefined : await wikis.find(wikiId)
  if (wiki !== undefined) refuseSuspended(wiki)
}
