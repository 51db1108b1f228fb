import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'

test.each(storeEngines)(
  'on %s processes that start at once make their user and its token once',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open(), await fresh.open()]
    const admin = { name: 'Local admin', role: 'admin', issuer: 'bootstrap', subject: 'local' } as const
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (stores[n % 3] ?? fresh.store).transaction(async (scope) => {
          const { user_id: userId } = await scope.users.ensure(admin)
          await scope.tokens.adopt(userId, 'the-token', { label: 'bootstrap' })
          return userId
        }),
      ),
    )
    expect(new Set(ids).size).toBe(1)
    expect(await fresh.store.users.list({ limit: 10 })).toMatchObject([
      { user_id: ids[0], name: 'Local admin' },
    ])
    expect(await fresh.store.tokens.find('the-token')).toMatchObject({
      user: { user_id: ids[0] },
      scopes: null,
    })
  },
)

test.each(storeEngines)('on %s a subject that two issuers gave to two users is nobody’s', async (engine) => {
  await using fresh = await freshStore(engine)
  const ensure = (issuer: string, subject: string) =>
    fresh.store.users.ensure({ name: `${subject} of ${issuer}`, role: 'member', issuer, subject })
  await ensure('hub', 'same')
  await ensure('university', 'same')
  await ensure('company', 'same')
  const { user_id: ada } = await ensure('hub', 'ada')
  expect(await fresh.store.users.idsBySubject(['same', 'ada', 'unknown'])).toEqual(new Map([['ada', ada]]))
  const university = await fresh.store.users.byIdentity('university', 'same')
  expect(await fresh.store.users.idsBySubject(['same', 'ada'], ['university', 'bootstrap'])).toEqual(
    new Map([['same', university?.user_id]]),
  )
})
