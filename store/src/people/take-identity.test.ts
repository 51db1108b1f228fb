import { Refusal } from '@wikistead/contracts'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'

describe.each(storeEngines)('%s', (engine) => {
  test.each([
    ['that is nobody’s', false],
    ['of a user who has no other', true],
  ])('an identity %s becomes one’s, however many link it at once', async (_whose, isHeld) => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open()]
    const ensure = (name: string) =>
      fresh.store.users.ensure({ name, role: 'member', issuer: 'first', subject: name })
    const identity = { issuer: 'second', subject: 'contended' }
    const other = isHeld
      ? await fresh.store.users.ensure({ name: 'Other', role: 'member', ...identity })
      : undefined
    const wiki =
      other &&
      (await fresh.store.wikis.insert({
        ...{ engine: 'fedwiki', address: 'w.wiki.test', name: 'w', status: 'active', visibility: 'public' },
        ...{ customDomain: false, ownerId: other.user_id, ownerSubject: '', ownerName: '', taskId: null },
      }))
    const rivals = []
    for (let n = 0; n < 6; n += 1) rivals.push((await ensure(`rival ${String(n)}`)).user_id)
    const ends = await Promise.all(
      rivals.map((userId, n) =>
        (stores[n % 2] ?? fresh.store)
          .transaction(({ users }) => users.takeIdentity(userId, { ...identity, name: 'Called so' }))
          .then(
            () => 'linked',
            (error: unknown) => (error instanceof Refusal ? error.code : error),
          ),
      ),
    )
    expect(ends.filter((end) => end === 'linked')).toHaveLength(1)
    expect(ends.filter((end) => end === 'identity_taken')).toHaveLength(5)
    const winner = rivals[ends.indexOf('linked')] ?? 0
    expect((await fresh.store.users.byIdentity(identity.issuer, identity.subject))?.user_id).toBe(winner)
    if (wiki !== undefined) expect((await fresh.store.wikis.get(wiki.wiki_id)).owner_id).toBe(winner)
    expect(await fresh.store.users.identityAt(winner, 'second')).toMatchObject({
      subject: 'contended',
      name: 'Called so',
    })
  })
})
