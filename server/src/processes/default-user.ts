import type { Config } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'

/** @throws Refusal `user_not_found` when the user who would get stray sites does not exist */
export async function requireDefaultUser(
  { fedwikiSyncDefaultUserId: userId }: Config,
  store: Store,
): Promise<void> {
  if (userId === undefined || (await store.users.find(userId)) !== undefined) return
  throw new Refusal(
    'user_not_found',
    `fedwiki-sync-default-user-id is ${String(userId)}, and there is no such user. Take the id of one that ` +
      '`wikistead user list` shows; 1 is the local admin.',
  )
}
