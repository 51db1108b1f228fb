/** A local user who speaks to Temporal offers a sign-in under a key of their own. */
import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { requireAdmitted } from './admitted-sign-in.ts'

const offer = { userId: 1, slug: 'ada', host: 'here', keyHash: 'ab'.repeat(32), until: 4_000_000_000 }
const refused = { code: 'sign_in_not_found' }

test('a link counts that the API has admitted, for its wiki, owner and time, however often it is looked at', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  await expect(requireAdmitted(store, offer)).rejects.toMatchObject(refused)
  const { user_id: userId } = await store.transaction(({ users }) =>
    users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' }),
  )
  const admitted = { ...offer, userId }
  const { slug, until, keyHash } = admitted
  await store.once.keep('first_sign_in', keyHash, { lifetimeMs: 60_000, detail: { slug, until }, userId })
  for (let attempt = 0; attempt < 3; attempt += 1) await requireAdmitted(store, admitted)
  for (const other of [
    { slug: 'bob' },
    { userId: userId + 1 },
    { until: until + 1 },
    { keyHash: 'cd'.repeat(32) },
  ]) {
    await expect(requireAdmitted(store, { ...admitted, ...other })).rejects.toMatchObject(refused)
  }
})

test('a link that is over does not count', async () => {
  await using fresh = await freshStore('sqlite')
  const { store } = fresh
  const { user_id: userId } = await store.transaction(({ users }) =>
    users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' }),
  )
  const { slug, until, keyHash } = offer
  await store.once.keep('first_sign_in', keyHash, { lifetimeMs: -1, detail: { slug, until }, userId })
  await expect(requireAdmitted(store, { ...offer, userId })).rejects.toMatchObject(refused)
})
