import { expect, test } from 'vitest'
import { Refusal } from '@wikistead/contracts'
import { isOwnerless, ownerJson, siteOwner } from './owner.ts'

test('an owner.json names its owner twice, and the sub by which they sign in', () => {
  expect(ownerJson('Ada Lovelace', 'auth0|42')).toEqual({
    name: 'Ada Lovelace',
    oauth2: { id: 'auth0|42', username: 'Ada Lovelace' },
  })
})

test('a name is made fit for the farm, a sub never is', () => {
  expect(ownerJson(' Ada\n\u0000Lovelace ', 'x').name).toBe('Ada Lovelace')
  expect(ownerJson('é'.repeat(300), 'x').name).toBe('é'.repeat(255))
  for (const sub of ['', ' ', 'x\n', 'x\u0000', 'x'.repeat(256)]) {
    expect(() => ownerJson('Ada', sub), JSON.stringify(sub)).toThrow(Refusal)
  }
  for (const name of ['', ' ', '\n\t']) expect(() => ownerJson(name, 'x')).toThrow(Refusal)
})

test('what is read of an owner.json is what was written, and nothing else', () => {
  const raw = { ...ownerJson('Ada', 'sub-of-ada'), friend: { secret: 'hush' } }
  expect(siteOwner(raw)).toEqual({ name: 'Ada', sub: 'sub-of-ada' })
  expect(siteOwner({})).toEqual({ name: 'Unknown' })
})

test('nobody owns a site of which FarmManager tells no more than that', () => {
  expect(isOwnerless({ name: 'Unknown' })).toBe(true)
  expect(isOwnerless({})).toBe(true)
  expect(isOwnerless({ name: 'Unknown', oauth2: {} })).toBe(false)
  expect(isOwnerless({ name: 'Ada' })).toBe(false)
})
