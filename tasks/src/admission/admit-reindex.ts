import { Refusal, type ReindexWikiInput } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { admitOnWiki, type Admitted, type WikiTask } from './admission.ts'

/**
 * Nothing of the wiki but what finds its pages is made again.
 * @throws Refusal `engine_off` for a wiki whose pages nothing of ours finds, `busy`, `wiki_not_found`
 */
export async function admitReindex(
  store: Store,
  request: WikiTask & { readonly search: ReindexWikiInput['search'] | undefined },
): Promise<Admitted> {
  const { search } = request
  const { engine } = await store.wikis.get(request.wikiId)
  if (engine !== 'mediawiki' || search === undefined) {
    throw new Refusal('engine_off', 'Only MediaWiki wikis have an index, where their engine is on.')
  }
  return admitOnWiki(store, request, 'reindex_wiki', () => Promise.resolve({ search, resume: 'index' }))
}
