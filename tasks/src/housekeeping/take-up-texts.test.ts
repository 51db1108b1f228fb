import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { takeUpTexts } from './take-up-texts.ts'

const hour = 3_600_000

test.each(storeEngines)(
  'on %s all wikis are taken up, and the next round begins after them',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const add = (from: number, to: number) =>
      store.wikis.insertMany(
        Array.from({ length: to - from }, (_, n) => ({
          ...({ engine: 'fedwiki', address: `site-${String(from + n)}.example.org`, name: 'A' } as const),
          ...({ status: 'active', visibility: 'public', customDomain: false, taskId: null } as const),
          ...{ ownerId: 1, ownerSubject: '', ownerName: '' },
        })),
      )
    const later = () => store.now() + hour
    const wikisWith = async (text: string) => (await store.texts.candidates(text)).wikiIds?.length
    await add(0, 120)
    const over = AbortSignal.abort()
    expect(await takeUpTexts(store, 0, over, later())).toBe(0)
    const first = await takeUpTexts(store, 0, undefined, later())
    expect(await wikisWith('site')).toBe(120)
    await add(120, 130)
    expect(await wikisWith('site')).toBe(120)
    expect(await takeUpTexts(store, first, undefined, later())).toBe(first + 10)
    expect(await wikisWith('site')).toBe(130)
  },
)
