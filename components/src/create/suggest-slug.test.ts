import { expect, test } from 'vitest'
import { suggestSlug } from './suggest-slug.ts'

test.each([
  ['Ada’s Notes', 'adas-notes'],
  ['  Grüße aus Köln! ', 'grusse-aus-koln'],
  ['Łódź & Ærø', 'lodz-aero'],
  ['100 % – yes', '100-yes'],
  ['維基', ''],
  [`${'long '.repeat(20)}end`, 'long-long-long-long-long-long-long-long'],
])('%j suggests %j', (name, slug) => {
  expect(suggestSlug(name)).toBe(slug)
})
