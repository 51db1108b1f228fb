import { expect, test } from 'vitest'
import { isFromAnotherSite, isFromSiteItself } from './request-origin.js'

const host = 'notes.wiki.test:8420'
const own = 'http://notes.wiki.test:8420'
const cookie = 'wikiSession=x'

test.each([
  ['a page of the site', { host, cookie, 'sec-fetch-site': 'same-origin' }],
  ['a person, by hand', { host, cookie, 'sec-fetch-site': 'none' }],
  ['a page of the site in an older browser', { host, cookie, origin: own }],
  ['the same in capitals', { host: 'Notes.Wiki.test:8420', cookie, origin: own }],
  ['the usual port, named', { host: 'notes.wiki.test:443', cookie, origin: 'https://notes.wiki.test' }],
  ['a program', { host, authorization: 'Bearer x' }],
])('%s may change something', (_, headers: Record<string, string>) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    expect(isFromSiteItself({ method, headers })).toBe(true)
})

test.each([
  ['a sibling’s page', { host, cookie, 'sec-fetch-site': 'same-site' }],
  ['a stranger’s page', { host, cookie, 'sec-fetch-site': 'cross-site' }],
  ['what nobody knows', { host, cookie, 'sec-fetch-site': 'same-origin, same-site' }],
  ['a sibling’s page that names our origin', { host, cookie, 'sec-fetch-site': 'same-site', origin: own }],
  ['a sibling’s page in an older browser', { host, cookie, origin: 'http://evil.wiki.test:8420' }],
  ['a page at another port of the same host', { host, cookie, origin: 'http://notes.wiki.test:9000' }],
  ['a page below the site', { host, cookie, origin: 'http://x.notes.wiki.test:8420' }],
  ['a page that hides its origin', { host, cookie, origin: 'null' }],
  ['a page of a file', { host, cookie, origin: 'file:///' }],
  ['a page, to nobody', { cookie, origin: own }],
  ['two origins', { host, cookie, origin: `${own}, ${own}` }],
  ['an origin that is none', { host, cookie, origin: '' }],
  ['who says nothing and has a cookie', { host, cookie }],
])('%s may not', (_, headers: Record<string, string>) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    expect(isFromSiteItself({ method, headers })).toBe(false)
  for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(isFromSiteItself({ method, headers })).toBe(true)
})

test('another site is what a browser says is one', () => {
  for (const from of ['same-site', 'cross-site', ''])
    expect(isFromAnotherSite({ 'sec-fetch-site': from })).toBe(true)
  for (const from of ['same-origin', 'none'])
    expect(isFromAnotherSite({ 'sec-fetch-site': from })).toBe(false)
  expect(isFromAnotherSite({})).toBe(false)
})
