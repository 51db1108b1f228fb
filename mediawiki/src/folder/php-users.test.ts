import { expect, test } from 'vitest'
import { phpUserOfNew } from './php-users.ts'

const common = { uid: 33, gid: 33 }
const hub = { uid: 44, gid: 45 }
const wiki = { wikiId: 7, isHub: false }
const theHub = { wikiId: 1, isHub: true }

test.each([
  ['one for all', { common }, wiki, common],
  ['the hub too', { common }, theHub, common],
  ['the hub by itself', { common, hub }, theHub, hub],
  ['a wiki beside it', { common, hub }, wiki, common],
  ['each wiki by itself', { common, ownFrom: 200_000 }, wiki, { uid: 200_007, gid: 200_007 }],
  ['the hub like a wiki', { common, ownFrom: 200_000 }, theHub, { uid: 200_001, gid: 200_001 }],
  ['the hub as it is named', { common, hub, ownFrom: 200_000 }, theHub, hub],
])('%s', (_, users, of, user) => {
  expect(phpUserOfNew(users, of)).toEqual(user)
})
