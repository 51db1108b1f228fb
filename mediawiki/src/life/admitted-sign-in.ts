import { Refusal, type OfferFirstSignInInput } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'

/**
 * That the API has admitted this link, for this wiki of this owner: it says so in the store, and whoever else can speak to
 * Temporal does not. @throws Refusal `sign_in_not_found`
 */
export async function requireAdmitted(
  store: Store,
  { userId, slug, keyHash, until }: OfferFirstSignInInput,
): Promise<void> {
  const admitted = await store.once.find('first_sign_in', keyHash)
  if (admitted?.userId === userId && admitted.detail['slug'] === slug && admitted.detail['until'] === until)
    return
  throw new Refusal(
    'sign_in_not_found',
    'Nobody has admitted this link, or its time is over. Ask for another.',
  )
}
