import type { Store, WikiRow } from '@wikistead/store'

/** Of one host. Not those that are being made: what bears their names may yet turn out to be somebody else's. */
export async function* madeWikis(store: Store, host: string): AsyncGenerator<WikiRow> {
  let before: number | undefined
  for (;;) {
    const page = await store.wikis.list({
      ...{ engine: 'mediawiki', limit: 200 },
      ...(before !== undefined && { before }),
    })
    yield* page.filter((wiki) => wiki.host === host && wiki.status !== 'creating')
    before = page.at(-1)?.wiki_id
    if (before === undefined) return
  }
}
