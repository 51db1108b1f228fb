import { describe, expect, test } from 'vitest'
import { decide, expectedAt, inOrder, isWorthTelling, turnOf, type Standing } from './turns.ts'

/** A line that people come to one after another: `aab` is twice Ada, then Bob. */
function lineOf(owners: string, line: readonly Standing[] = []): Standing[] {
  const all = [...line]
  for (const owner of owners) {
    const userId = owner.charCodeAt(0)
    all.push({
      ...{ taskId: `${owner}${String(all.length)}`, userId, turn: turnOf(all, userId) },
      ...{ createdAt: all.length, since: null },
    })
  }
  return all
}

const ownersOf = (line: readonly Standing[]): string => line.map(({ taskId }) => taskId.charAt(0)).join('')

/** Serves them all, `places` at once, each held as long as the others: the order in which they began. */
function serve(line: readonly Standing[], places: number, arriving: readonly string[] = []): string {
  let standing = [...line]
  const rest = [...arriving]
  const began: Standing[] = []
  for (let now = 1; ; now += 1) {
    const { start } = decide(standing, places)
    began.push(...start)
    expect(standing.filter(({ since }) => since !== null).length + start.length).toBeLessThanOrEqual(places)
    standing = standing.map((one) => (start.includes(one) ? { ...one, since: now } : one))
    const oldest = standing.findIndex(({ since }) => since !== null)
    if (oldest === -1 && rest.length === 0) return ownersOf(began)
    if (oldest !== -1) standing.splice(oldest, 1)
    standing = lineOf(rest.shift() ?? '', standing)
  }
}

describe('the order of a line', () => {
  test('is that of arrival within one owner', () => {
    expect(inOrder(lineOf('aaaa')).map(({ taskId }) => taskId)).toEqual(['a0', 'a1', 'a2', 'a3'])
  })

  test('lets owners take turns, also one who comes late and one who asked for many', () => {
    expect(ownersOf(inOrder(lineOf('aaaabbc')))).toBe('abcabaa')
  })

  test.each([1, 2, 3])('lets none starve with %i at once', (places) => {
    // Three who keep coming back as soon as one of theirs is done.
    const served = serve(lineOf('aaaaaaaaab'), places, ['c', 'b', 'c', 'b', 'c'])
    expect(served).toHaveLength(15)
    // Behind the nine of Ada would be the last of all.
    expect(served.indexOf('b')).toBeLessThanOrEqual(places + 1)
    expect(served.indexOf('c')).toBeLessThanOrEqual(places + 3)
    expect(served.lastIndexOf('c')).toBeLessThan(served.lastIndexOf('a'))
  })

  test('is that of arrival where everybody asks once', () => {
    expect(serve(lineOf('abcdefgh'), 2)).toBe('abcdefgh')
  })

  test('forgets who was served once nobody waits', () => {
    expect(turnOf([], 1)).toBe(0)
    expect(lineOf('a').map(({ turn }) => turn)).toEqual([0])
  })
})

describe('who is given a place', () => {
  test('is nobody while all places are held, or more than there are', () => {
    const line = lineOf('abc').map((one, index) => ({ ...one, since: index < 2 ? 1 : null }))
    expect(decide(line, 2).start).toEqual([])
    expect(decide(line, 1).start).toEqual([])
    expect(ownersOf(decide(line, 3).start)).toBe('c')
  })

  test('is everybody while there is room', () => {
    expect(ownersOf(decide(lineOf('aab'), 8).start)).toBe('aba')
  })
})

describe('when somebody’s turn comes', () => {
  const now = 1_000_000
  const held = (ago: number): Standing => ({
    ...{ taskId: `h${String(ago)}`, userId: 1, turn: 0, createdAt: 0, since: now - ago },
  })

  test('follows from how long places are held', () => {
    const line = [held(8_000), held(2_000)]
    const at = (place: number) => expectedAt(line, 2, { place, heldMs: 10_000, now })
    expect([1, 2, 3, 4, 5].map((place) => (at(place) ?? 0) - now)).toEqual([
      2_000, 8_000, 12_000, 18_000, 22_000,
    ])
  })

  test('is not told while nobody knows it, and never lies in the past', () => {
    expect(expectedAt([held(1)], 1, { place: 1, heldMs: undefined, now })).toBeUndefined()
    expect(expectedAt([held(60_000)], 1, { place: 1, heldMs: 10_000, now })).toBe(now)
  })
})

test('a place is told when it has halved, and at each step near the end', () => {
  const told: number[] = []
  let last: number | null = null
  for (let place = 60; place >= 1; place -= 1) {
    if (!isWorthTelling(last, place)) continue
    last = place
    told.push(place)
  }
  expect(told).toEqual([60, 30, 15, 7, 3, 2, 1])
  expect(isWorthTelling(5, 6)).toBe(false)
})
