import { expect, test } from 'vitest'
import { subjectPage } from './subject-page.ts'

test.each([
  ['wiki/12', '/wikis/12'],
  ['user/3', '/operate/users/3'],
  ['task/create/wiki-7', '/tasks/create%2Fwiki-7'],
  ['host/attic', '/operate/health'],
  ['alarm/4', '/operate/alarms'],
  ['token/abc', undefined],
  ['', undefined],
])('what is about %s leads to %s', (subject, page) => {
  expect(subjectPage(subject)).toBe(page)
})
