/** The keys of our own provider, in the store of both engines: of several APIs, rotated, and of one that lost its folder. */
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { keyTimes } from './plan-keys.ts'
import { keysWantedNote, SigningKeys } from './signing-keys.ts'

const secret = (n: number): string => `sealing-key-of-data-folder-${String(n)}`

test.each(storeEngines)(
  'on %s each data folder signs with its own key, and all are told of by all',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const [one, other] = [new SigningKeys(store, secret(1)), new SigningKeys(store, secret(2))]
    const [ofOne, ofOther] = [await one.signing(), await other.signing()]
    expect(ofOne.kid).not.toBe(ofOther.kid)
    // A second API of the same folder has the same.
    expect((await new SigningKeys(store, secret(1)).signing()).kid).toBe(ofOne.kid)
    const told = await other.everybodys()
    expect(told.map(({ kid }) => kid).toSorted()).toEqual([ofOne.kid, ofOther.kid].toSorted())
    for (const key of told)
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    const rows = await store.openidKeys.all()
    expect(JSON.stringify(rows)).not.toContain(ofOne['d'])
  },
)

test('a rotation makes one key more for each folder; it signs later, and the old one is told of until then and after', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  const keys = new SigningKeys(store, secret(1))
  const old = await keys.signing()
  const wanted = store.now() + 1
  await store.settings.set(keysWantedNote, String(wanted))
  await expect.poll(() => store.now()).toBeGreaterThan(wanted)
  expect((await keys.signing()).kid).toBe(old.kid)
  expect((await keys.signing()).kid).toBe(old.kid)
  const [first, next, ...more] = await store.openidKeys.all()
  expect([first?.kid, more]).toEqual([old.kid, []])
  expect((next?.signs_from ?? 0) - store.now()).toBeGreaterThan(keyTimes.aheadMs - 60_000)
  expect(first?.expires_at).toBe((next?.signs_from ?? 0) + keyTimes.afterMs)
})

test('what is not of this folder, or was changed, is not signed with', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  const lost = await new SigningKeys(store, secret(1)).signing()
  expect((await new SigningKeys(store, secret(3)).signing()).kid).not.toBe(lost.kid)
})
