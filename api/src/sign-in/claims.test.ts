import { expect, test } from 'vitest'
import { nameFrom } from './claims.ts'

test.each([
  [{ name: 'Ada Lovelace', preferred_username: 'ada' }, 'Ada Lovelace'],
  [{ name: '', preferred_username: 'ada' }, 'ada'],
  [{ name: ' \u202E ', preferred_username: ' ada ' }, 'ada'],
  [{ name: 42, preferred_username: ['x'] }, undefined],
  [{ name: '…', sub: 'the-sub' }, undefined],
  [{}, undefined],
  [{ name: 'A\u0000d\na\t \u2028 L' }, 'A d a L'],
  [{ name: 'Ada\u202Emoc.live' }, 'Ada moc.live'],
  [{ name: 'Ame\u0301lie' }, 'Amélie'],
  [{ name: '艾达' }, '艾达'],
  [{ name: 'מיכל' }, 'מיכל'],
  [{ name: 'a\uD800b' }, 'a b'],
  [{ name: 'x'.repeat(300) }, 'x'.repeat(200)],
  [{ name: '𝒳'.repeat(150) }, '𝒳'.repeat(100)],
  [{ name: `x${'𝒳'.repeat(150)}` }, `x${'𝒳'.repeat(99)}`],
])('%j is called %j', (claims, expected) => {
  expect(nameFrom(claims)).toBe(expected)
})
