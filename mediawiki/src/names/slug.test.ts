import { Refusal } from '@wikistead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { databaseName, parseSlug, type SlugRules } from './slug.ts'

const codeOf = (asked: string, rules?: SlugRules): string => {
  try {
    return parseSlug(asked, rules) === asked ? 'taken' : 'changed'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test.each(['ada', 'a-b', '123', 'a--b', `a${'-'.repeat(61)}b`, 'x'.repeat(63)])('%s is a slug', (asked) => {
  expect(codeOf(asked)).toBe(asked[2] === '-' && asked[3] === '-' ? 'invalid_slug' : 'taken')
})

test.each([
  ...[
    '',
    'a',
    'ab',
    '-a',
    'a-',
    '-ab',
    'ab-',
    'x'.repeat(64),
    'xn--bcher-kva',
    'ab--cd',
    'Ada',
    'ADA',
    'aDa',
  ],
  ...[
    'a_b',
    'a.b',
    'a b',
    'ada\n',
    '\nada',
    'ada\0',
    'ädä',
    '../ada',
    'a/b',
    '%2e%2e',
    'a`b',
    "a'b",
    'a%b',
    'ａｄａ',
  ],
])('%j is no slug', (asked) => {
  expect(codeOf(asked)).toBe('invalid_slug')
})

test.each([
  ...['mysql', 'sys', 'performance-schema', 'information-schema', 'root', 'public', 'mariadb', 'none'],
  ...['www', 'api', 'mail', 'admin', 'commons', 'console', 'wikistead', 'constructor'],
])('%s is reserved', (asked) => {
  expect(codeOf(asked)).toBe('name_reserved')
})

test("a name whose database is the hub's, Wikistead's own or a template's is reserved, in whatever case", () => {
  const rules = { reservedDatabases: ['Hub_Wiki', 'template_en'], reservedSlugs: ['portal'] }
  expect(codeOf('hub-wiki', rules)).toBe('name_reserved')
  expect(codeOf('template-en', rules)).toBe('name_reserved')
  expect(codeOf('portal', rules)).toBe('name_reserved')
  expect(codeOf('hub', rules)).toBe('taken')
})

test('no two slugs have one database, and every one fits MariaDB', () => {
  const slug = fc
    .stringMatching(/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/)
    .filter((s) => s.slice(2, 4) !== '--')
  fc.assert(
    fc.property(slug, slug, (one, other) => {
      expect(databaseName(one)).toMatch(/^[a-z0-9_]{3,63}$/)
      // As GRANT counts.
      expect(databaseName(one).replaceAll('_', '\\_').length).toBeLessThanOrEqual(64)
      expect(databaseName(one) === databaseName(other)).toBe(one === other)
    }),
  )
})

test('a database is called as its slug is, as far as MariaDB lets it', () => {
  expect(databaseName('ada')).toBe('ada')
  expect(databaseName('ada-notes')).toBe('ada_notes')
  expect(databaseName('x'.repeat(63))).toBe('x'.repeat(63))
  const long = `${'a-'.repeat(31)}b`
  const other = `${'a-'.repeat(31)}c`
  expect(databaseName(long)).toMatch(/^a{31}b_[0-9a-f]{16}_$/)
  // Their shortened forms begin alike.
  expect(databaseName(`${'a'.repeat(45)}-b-c-d-e-f-g-h-i`)).not.toBe(
    databaseName(`${'a'.repeat(45)}-b-c-d-e-f-g-h-j`),
  )
  expect(databaseName(long)).not.toBe(databaseName(other))
})
