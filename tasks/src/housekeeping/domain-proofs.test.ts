import { Refusal } from '@wikistead/contracts'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { askForNextProof, isMissed, watchedAfter } from './domain-proofs.ts'

const day = 86_400_000

test.each(storeEngines)(
  'on %s, by a DNS of the test’s own: each domain is asked for once a day, and one that is missing for days is told of',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const site = (address: string, customDomain: boolean, status: 'active' | 'archived' = 'active') => ({
      ...({ engine: 'fedwiki', address, name: 'A', status, visibility: 'public' } as const),
      ...{ customDomain, taskId: null, ownerId: 7, ownerSubject: '', ownerName: '' },
    })
    await store.wikis.insertMany([
      site('ada.wiki.test', false),
      ...[site('kept.example.org', true), site('lost.example.org', true), site('never.example.org', true)],
      site('deleted.example.org', true, 'archived'),
    ])
    const proven = new Set(['kept.example.org', 'lost.example.org'])
    let isAway = false
    const asked: string[] = []
    const prove = (domain: string, userId: number): Promise<void> => {
      asked.push(`${domain} ${String(userId)}`)
      if (isAway) return Promise.reject(new Error('no name server answers'))
      if (proven.has(domain)) return Promise.resolve()
      return Promise.reject(new Refusal('domain_unproven', 'There is no record.'))
    }
    let now = store.now()
    const round = async () => {
      while (await askForNextProof(store, prove, now));
      // It is over until the next day.
      expect(await askForNextProof(store, prove, now + day - 1)).toBe(false)
      now += day
    }
    const alarms = async () => (await store.alarms.open('domain_unproven')).map(({ subject }) => subject)

    await round()
    expect(asked).toEqual(['kept.example.org 7', 'lost.example.org 7', 'never.example.org 7'])
    proven.delete('lost.example.org')
    await round()
    await round()
    expect(await alarms()).toEqual([])
    isAway = true
    await round()
    expect(await alarms()).toEqual([])
    isAway = false
    await round()
    expect(await alarms()).toEqual(['lost.example.org'])
    proven.add('lost.example.org')
    await round()
    expect(await alarms()).toEqual([])
    proven.delete('lost.example.org')
    for (let n = 0; n < 3; n += 1) await round()
    expect(await alarms()).toEqual(['lost.example.org'])
    const lost = await store.wikis.byClaim('fedwiki', 'lost.example.org')
    await store.wikis.change(lost?.wiki_id ?? 0, { status: 'archived' })
    await round()
    expect(await alarms()).toEqual([])

    // One that may come back is still known, one that is gone for good is not.
    const notes = () => store.settings.namesBelow('domain_proof/')
    const known = await notes()
    expect(known).toContain(`domain_proof/${String(lost?.wiki_id)}`)
    await store.wikis.release(lost?.wiki_id ?? 0, 'deleted')
    await round()
    expect(await notes()).toEqual(known.filter((name) => !name.endsWith(`/${String(lost?.wiki_id)}`)))
  },
)

test('what was never proven, or by another owner only, is not watched', () => {
  expect(watchedAfter(null, 7, false, 5)).toBeUndefined()
  expect(watchedAfter({ ownerId: 8 }, 7, false, 5)).toBeUndefined()
  expect(watchedAfter({ ownerId: 8, missing: { since: 1, times: 9 } }, 7, true, 5)).toEqual({ ownerId: 7 })
  expect(watchedAfter({ ownerId: 7, missing: { since: 1, times: 2 } }, 7, false, 5)).toEqual({
    ...{ ownerId: 7, missing: { since: 1, times: 3 } },
  })
})

test('it is missed after three times over two days', () => {
  expect(isMissed({ since: 0, times: 3 }, 2 * day - 1)).toBe(false)
  expect(isMissed({ since: 0, times: 2 }, 9 * day)).toBe(false)
  expect(isMissed({ since: 0, times: 3 }, 2 * day)).toBe(true)
})
