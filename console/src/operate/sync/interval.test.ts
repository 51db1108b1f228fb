import { parseDuration } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { intervalOf, intervalText, sayInterval } from './interval.ts'

test.each([
  [1_800, '30m', '30 minutes'],
  [3_600, '1h', '1 hour'],
  [5_400, '90m', '90 minutes'],
  [172_800, '2d', '2 days'],
])('%d seconds are %s, and are sent as they came', (seconds, text, said) => {
  const interval = intervalOf(seconds)
  expect([intervalText(interval), sayInterval(interval, 'en')]).toEqual([text, said])
  expect(parseDuration(text)).toBe(seconds * 1_000)
})

test('what is no whole number of minutes is rounded, and never to none', () => {
  expect(intervalText(intervalOf(90))).toBe('2m')
  expect(intervalText(intervalOf(5))).toBe('1m')
})
