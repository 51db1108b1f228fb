import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'

test.each(storeEngines)(
  'on %s no change of a setting is lost to another at the same time',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (stores[n % 2] ?? fresh.store).transaction(({ settings }) =>
          settings.change('who', '[]', (who) => JSON.stringify([...(JSON.parse(who) as number[]), n])),
        ),
      ),
    )
    const who = JSON.parse((await fresh.store.settings.get('who')) ?? '') as number[]
    expect(who.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  },
)
