import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'

describe.each(storeEngines)('%s', (engine) => {
  test('what is kept is one asker’s, however many ask at once', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    const kept = await fresh.store.once.keep('local_link', 'the secret', {
      ...{ lifetimeMs: 60_000, detail: { to: '/x' }, userId: 7 },
    })
    expect(kept).toBe(true)
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (stores[n % 2] ?? fresh.store).once.take('local_link', 'the secret'),
      ),
    )
    expect(taken.filter((found) => found !== undefined)).toEqual([{ detail: { to: '/x' }, userId: 7 }])
    expect(await fresh.store.once.take('local_link', 'the secret')).toBeUndefined()
  })

  test('a secret is for one purpose, and for its time', async () => {
    await using fresh = await freshStore(engine)
    const { once } = fresh.store
    const now = Date.now()
    await once.keep('sign_in', 'state', { lifetimeMs: 1_000 }, now)
    expect(await once.take('local_link', 'state', now)).toBeUndefined()
    expect(await once.take('sign_in', 'State', now)).toBeUndefined()
    expect(await once.take('sign_in', 'state', now + 1_000)).toBeUndefined()
    expect(await once.take('sign_in', 'state', now)).toBeUndefined()
    await once.keep('sign_in', 'old', { lifetimeMs: 1_000 }, now)
    await once.keep('sign_in', 'new', { lifetimeMs: 3_000 }, now)
    await once.forgetExpired(now + 2_000)
    expect(await once.take('sign_in', 'old', now)).toBeUndefined()
    expect(await once.take('sign_in', 'new', now)).toBeDefined()
  })

  test('a number that was used is known', async () => {
    await using fresh = await freshStore(engine)
    const { once } = fresh.store
    const used = await Promise.all(
      Array.from({ length: 8 }, () => once.keep('service_token', 'jti-1', { lifetimeMs: 60_000 })),
    )
    expect(used.filter((first) => first)).toHaveLength(1)
  })
})
