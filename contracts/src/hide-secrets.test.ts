import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HiddenWords, hideSecrets, hideSecretsIn, learnSecret } from './hide-secrets.ts'

const hider = (...secrets: readonly string[]): HiddenWords => {
  const words = new HiddenWords()
  for (const secret of secrets) words.learn(secret)
  return words
}
const secret = `p@ss:"w'ö\\rd /&<é+`

describe('a secret is hidden', () => {
  test.each<[string, string]>([
    ['as it is', secret],
    ['in an address', encodeURIComponent(secret)],
    [
      'in an address, with small letters',
      encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ['in a form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['in HTML', 'p@ss:&quot;w&#039;ö\\rd /&amp;&lt;é+'],
    ['in SQL', `p@ss:\\"w\\'ö\\\\rd /&<é+`],
  ])('%s', (_, written) => {
    expect(hider(secret).hide(`before ${written} after`)).toBe('before [secret] after')
  })

  test('in Base64, whatever stands around it, in both alphabets', () => {
    const text = fc.string({ unit: 'binary', maxLength: 9 })
    fc.assert(
      fc.property(text, text, fc.constantFrom('base64', 'base64url' as const), (before, after, alphabet) => {
        const all = Buffer.from(`${before}${secret}${after}`).toString(alphabet)
        expect(hider(secret).hide(all)).toContain('[secret]')
      }),
    )
  })

  test('wherever it is, and the longest of those that begin alike', () => {
    const words = hider('open-sesame', 'open-sesame-street')
    expect(words.hide('open-sesame-street,open-sesame')).toBe('[secret],[secret]')
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(hider('open-sesame').hide(`${before}open-sesame${after}`)).not.toContain('open-sesame')
      }),
    )
  })

  test('when it is short, where it stands alone; when it is a syllable, nowhere', () => {
    expect(hider('wiki').hide('wiki: wikis of "wiki"')).toBe('[secret]: wikis of "[secret]"')
    expect(hider('any').hide('any of many')).toBe('any of many')
  })
})

test('what is no secret stays, byte for byte', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(hider('7f3c9be1d2a84f60').hide(text)).toBe(text)
    }),
  )
})

test('of many that pass by, the last are known, and what else is written alike stays known', () => {
  const words = hider('kept-kept-kept')
  const met = Array.from({ length: 200 }, (_, n) => `met-${String(n)}-${'x'.repeat(20)}`)
  words.meet('kept-kept-kept')
  for (const each of met) words.meet(each)
  expect(words.hide(met.at(-1) ?? '')).toBe('[secret]')
  expect(words.hide(met[0] ?? '')).toBe(met[0])
  expect(words.hide('kept-kept-kept')).toBe('[secret]')
})

test.each([
  ['authorization: Bearer abcdefghij0123456789', 'authorization: Bearer [secret]'],
  ['Basic d2lraXM6cEBzczp3w7ZyZA==', 'Basic [secret]'],
  ['mariadb://wiki:pa%20ss@db.example:3306/farm', 'mariadb://wiki:[secret]@db.example:3306/farm'],
  ['redis://:pass@cache', 'redis://:[secret]@cache'],
  [`it said eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(20)}.${'b'.repeat(20)}!`, 'it said [secret]!'],
  ['cookie: a=b; wikistead-session=abcdefghij0123456789', 'cookie: a=b; wikistead-session=[secret]'],
  ['www-authenticate: Bearer realm="wikistead"', 'www-authenticate: Bearer realm="wikistead"'],
  ['https://ada.example:8420/a@b', 'https://ada.example:8420/a@b'],
])('what is a secret by where it stands: %s', (text, hidden) => {
  expect(hideSecrets(text)).toBe(hidden)
})

test('in values, every text is hidden and nothing else changes', () => {
  learnSecret('the-one-of-this-test')
  const at = new Date(0)
  expect(hideSecretsIn({ 'the-one-of-this-test': 1, a: ['the-one-of-this-test', null, 2], at })).toEqual({
    ...{ 'the-one-of-this-test': 1, a: ['[secret]', null, 2], at },
  })
})
