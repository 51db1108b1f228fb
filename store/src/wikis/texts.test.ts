/** Over real stores: whatever has been taken up of the texts, what is found is what a look at every wiki would find. */
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import type { WikiFilter } from './wiki-lists.ts'
import type { NewWiki } from './wikis.ts'

const hour = 3_600_000

const wiki = (address: string, name: string, more: Partial<NewWiki> = {}): NewWiki => ({
  ...{ engine: 'fedwiki', address, name, status: 'active', visibility: 'public', taskId: null },
  ...{ customDomain: false, ownerId: 1, ownerSubject: '', ownerName: '' },
  ...more,
})

async function found(store: Store, text: string, more: Partial<WikiFilter> = {}): Promise<string[]> {
  return (await store.wikis.list({ limit: 50, ...more, text })).map(({ address }) => address)
}

/** All of them, or the first so many. */
async function takeUp(store: Store, limit?: number): Promise<void> {
  let place: number | undefined = 0
  while (place !== undefined) {
    place = await store.texts.takeUp(place, store.now() + hour, limit)
    if (limit !== undefined) return
  }
}

describe.each(storeEngines)('on %s', (engine) => {
  test('parts of any kind are found before, amid and after the taking up', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const wikis = [
      wiki('first.example.org', 'Garden of Ada'),
      wiki('second.example.org', '维基百科'),
      wiki('third.example.org', '100%_done | \u{1f33f}'),
      wiki('fourth.example.org', 'garden', { visibility: 'private', ownerId: 2 }),
      wiki('long-name-of-a-garden-that-has-more-letters.example.org', 'A'),
    ]
    for (const each of wikis) await store.wikis.insert(each)
    const texts = [
      'gard',
      'GARDEN',
      'n of A',
      '维基',
      '科',
      '%',
      '_',
      '|',
      '\u{1f33f}',
      'example',
      '.',
      'zz',
      'garden-that-has',
    ]
    texts.push('garden-that-has-more-letters.example.orgs', 'adasecond')
    const truth = (text: string, sees: (each: NewWiki) => boolean = () => true): string[] =>
      wikis
        .filter(
          (each) => sees(each) && `${each.name}\n${each.address}`.toLowerCase().includes(text.toLowerCase()),
        )
        .map(({ address }) => address)
        .reverse()
    for (const step of [async () => {}, () => takeUp(store, 2), () => takeUp(store), () => takeUp(store)]) {
      await step()
      for (const text of texts) {
        expect(await found(store, text), text).toEqual(truth(text))
        expect(await found(store, text, { visibility: 'private' }), text).toEqual(
          truth(text, (each) => each.visibility === 'private'),
        )
        expect(await found(store, text, { seenBy: 1 }), text).toEqual(
          truth(text, (each) => each.visibility === 'public'),
        )
        expect(await found(store, text, { limit: 1, offset: 1 }), text).toEqual(truth(text).slice(1, 2))
      }
    }
  })

  test('what many have is found, page by page', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const all = Array.from({ length: 600 }, (_, n) => wiki(`site-${String(n)}.example.org`, 'The garden'))
    for (let from = 0; from < all.length; from += 500)
      await store.wikis.insertMany(all.slice(from, from + 500))
    await takeUp(store)
    const { wikiIds } = await store.texts.candidates('garden')
    expect(wikiIds).toBeUndefined()
    const newest = all.map(({ address }) => address).reverse()
    expect(await found(store, 'garden', { offset: 100 })).toEqual(newest.slice(100, 150))
    expect(await found(store, 'e-77.')).toEqual(['site-77.example.org'])
  })

  test('a new name is found at once, and the old one no more; what goes leaves nothing', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const { wiki_id: wikiId } = await store.wikis.insert(wiki('a.example.org', 'Meadow'))
    await takeUp(store)
    await store.transaction((scope) => scope.wikis.change(wikiId, { name: 'Harbour' }))
    expect(await found(store, 'arbou')).toEqual(['a.example.org'])
    expect(await found(store, 'eado')).toEqual([])
    expect((await store.texts.candidates('eado')).wikiIds).toEqual([])
    await store.wikis.release(wikiId, 'deleted')
    await store.transaction(async (scope) => {
      await scope.texts.remove(await scope.old.removeTombstones([wikiId]))
    })
    for (const text of ['arbou', 'a.ex', 'org']) {
      expect((await store.texts.candidates(text)).wikiIds, text).toEqual([])
    }
  })

  test('the newest are not taken up yet: a transaction with an earlier number may end after them', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await store.wikis.insert(wiki('a.example.org', 'Meadow'))
    expect(await store.texts.takeUp(0)).toBeUndefined()
    expect(await found(store, 'eado')).toEqual(['a.example.org'])
  })
})
