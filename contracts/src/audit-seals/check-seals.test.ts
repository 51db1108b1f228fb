import { expect, test } from 'vitest'
import { canonical } from './canonical.ts'
import { inRanges, SealCheck } from './check-seals.ts'
import { beginning, makeSeal, sealKey, type Seal, type SealKey, type SealPlace } from './seal.ts'

const row = (id: number, more: object = {}) => ({ audit_id: id, at: 1_000 + id, action: 'sign_in', ...more })
type Row = ReturnType<typeof row>

function seal(after: SealPlace, rows: readonly Row[], key?: SealKey): Seal {
  const upTo = Math.max(...rows.map(({ audit_id: id }) => id))
  return makeSeal(after, rows, { at: 2_000, upTo, key })
}

const [one, two, three] = [[row(1), row(2)], [row(4)], [row(5), row(6)]] as const
const first = seal(beginning, one)
const second = seal(first, two)
const third = seal(second, three)
const whole = [
  { seal: first, rows: one },
  { seal: second, rows: two },
  { seal: third, rows: three },
] as const

function check(chain: readonly { seal: Seal; rows: readonly Row[] }[], keys: readonly SealKey[] = []) {
  const checking = new SealCheck(keys)
  for (const { seal, rows } of chain) checking.take(seal, rows)
  return checking.finish().map(({ kind, seal, ids }) => [kind, seal, ...ids])
}
const changed = (at: number, change: { seal?: Partial<Seal>; rows?: readonly Row[] }) =>
  whole.map((link, place) =>
    place === at ? { seal: { ...link.seal, ...change.seal }, rows: change.rows ?? link.rows } : link,
  )

test('a log as it was sealed is whole, and what is empty or comes in another order is nothing to it', () => {
  expect(check(whole)).toEqual([])
  expect(canonical({ b: 1, a: 'x', c: null })).toBe('{"a":"x","b":1}')
  const later = whole.map(({ seal, rows }) => ({
    seal,
    rows: rows.map((each) => ({ address: null, ...each })),
  }))
  expect(check(later as never)).toEqual([])
})

test('what was changed, taken out or put between is told by its id', () => {
  expect(check(changed(0, { rows: [row(1), row(2, { action: 'sign_out' })] }))).toEqual([['changed', 1, 2]])
  expect(check(changed(2, { rows: [row(6)] }))).toEqual([['removed', 3, 5]])
  expect(check(changed(1, { rows: [row(3), row(4)] }))).toEqual([['added', 2, 3]])
})

test('a seal that was changed or made anew breaks the chain', () => {
  expect(check(changed(1, { seal: { at: 1 } }))).toEqual([['broken', 2]])
  expect(check(changed(1, { seal: { entries: '4:x' } }))).toEqual([
    ['broken', 2],
    ['changed', 2, 4],
  ])
  const anew = seal(first, [row(4, { action: 'sign_out' })])
  expect(check(changed(1, { seal: anew, rows: [row(4, { action: 'sign_out' })] }))).toEqual([['broken', 3]])
  expect(check([whole[0], whole[2]])).toEqual([['broken', 3]])
  expect(check(whole.slice(1))).toEqual([['broken', 2]])
})

test('a row that came late is nobody’s fault once a later seal names it', () => {
  const late = seal(second, [row(3), row(5)])
  expect(late.late).toBe(1)
  const there = [whole[0], { seal: second, rows: [row(3), row(4)] }, { seal: late, rows: [row(3), row(5)] }]
  expect(check(there)).toEqual([])
  const middle = new SealCheck([], first)
  middle.take(second, [row(3), row(4)])
  expect(middle.hasUnnamed).toBe(true)
  expect(middle.finish(new Set([3]))).toEqual([])
})

test('who has not the key cannot make the chain anew', () => {
  const [key, old, stolen] = ['k'.repeat(32), 'o'.repeat(32), 's'.repeat(32)].map(sealKey) as [
    SealKey,
    SealKey,
    SealKey,
  ]
  const a = seal(beginning, one, old)
  const next = seal(a, two, key)
  const chain = [
    { seal: a, rows: one },
    { seal: next, rows: two },
  ]
  expect(check(chain, [key, old])).toEqual([])
  expect(check(chain, [key])).toEqual([['unknown_key', 1]])
  expect(check(chain, [{ ...key, secret: stolen.secret }, old])).toEqual([['broken', 2]])
  const plain = seal(a, two)
  expect(
    check(
      [
        { seal: a, rows: one },
        { seal: plain, rows: two },
      ],
      [key, old],
    ),
  ).toEqual([['without_key', 2]])
})

test('many ids are told as ranges', () => {
  expect(inRanges([5, 3, 6, 7, 12])).toBe('3, 5–7, 12')
  expect(inRanges(Array.from({ length: 30 }, (_, n) => n * 2))).toMatch(/^0, 2, .*, 18, and more, 30 in all$/)
})
