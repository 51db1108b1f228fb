import { expect, test } from 'vitest'
import { isPlainDomain, isReservedDomain, resolveDomain, type DomainRules } from './domains.ts'
import { Refusal } from './refusals.ts'

const rules: DomainRules = {
  parentDomain: 'wiki.example.org',
  adminHost: 'farm-admin.example.org',
  customDomains: true,
}

const code = (asked: string, custom = false, own: DomainRules = rules): string => {
  try {
    return resolveDomain(asked, custom, own)
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test('a label is completed with the parent domain, and a completed one stays', () => {
  expect(code('ada')).toBe('ada.wiki.example.org')
  expect(code('ada.wiki.example.org')).toBe('ada.wiki.example.org')
})

test.each([
  ...['', '/', '..', '../x', '%2F', 'a/b', 'a.b', 'A', 'Ada', '-ada', 'ada-', 'ab', 'ada.', 'ada:80', 'a b'],
  ...[
    '__proto__',
    'xn--bcher-kva',
    'ab--cd',
    'bücher',
    'ada\n',
    'ada\0',
    'a'.repeat(64),
    '.wiki.example.org',
  ],
])('%j is no site name', (asked) => {
  expect(code(asked)).toBe('invalid_domain')
})

test.each([
  '/',
  '..',
  '../x.org',
  'localhost',
  'x.org.',
  'x.org:80',
  'www.x.org',
  'X.org',
  '127.0.0.1',
  'x..org',
])('%j is no custom domain', (asked) => {
  expect(code(asked, true)).toBe('invalid_domain')
  expect(isPlainDomain(asked)).toBe(false)
})

test('a custom domain is taken where the operator allows it, and never inside or above the farm', () => {
  expect(code('notes.example.net', true)).toBe('notes.example.net')
  expect(code('xn--bcher-kva.example.net', true)).toBe('xn--bcher-kva.example.net')
  expect(code('deep.ada.wiki.example.org', true)).toBe('invalid_domain')
  expect(code('example.org', true)).toBe('invalid_domain')
  expect(code('notes.example.net', true, { ...rules, customDomains: false })).toBe('custom_domains_off')
})

test.each(['commons', 'www', 'admin', 'constructor'])('%s is reserved', (asked) => {
  expect(code(asked)).toMatch(asked === 'www' ? /invalid_domain/ : /name_reserved/)
})

test('the root and the admin host are reserved, a member of a custom domain called commons is not', () => {
  expect(isReservedDomain('wiki.example.org', rules)).toBe(true)
  expect(code('farm-admin.example.org', true)).toBe('name_reserved')
  expect(isReservedDomain('commons.example.net', rules)).toBe(false)
  expect(code('mine', false, { ...rules, reservedLabels: ['mine'] })).toBe('name_reserved')
})
