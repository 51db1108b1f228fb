import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { asRow } from './live-line.ts'

const shown = { text: 'Creating ada.wiki.localhost.', percent: 45 }

describe('the live line', () => {
  test.each([0, -1, 1, undefined as unknown as number, Number.NaN])(
    'says nothing where there is no room (%s)',
    (columns) => {
      expect(asRow(shown, columns, '|')).toBe('')
    },
  )

  test.each([2, 3, 5, 19, 20, 21, 40, 59, 60, 61, 80, 200, 10_000])(
    'leaves the last column of %i free',
    (columns) => {
      for (const text of [
        shown.text,
        '维基已准备好'.repeat(9),
        '🦉 owls 🏳️‍🌈'.repeat(9),
        'e\u0301'.repeat(99),
        '',
      ]) {
        for (const percent of [0, 7, 100, undefined]) {
          expect(stringWidth(asRow({ text, percent }, columns, '/'))).toBeLessThan(columns)
        }
      }
    },
  )

  test('drops the bar before the text', () => {
    expect(asRow(shown, 80, '|')).toBe('| █████████░░░░░░░░░░░  45 %  Creating ada.wiki.localhost.')
    expect(asRow(shown, 40, '|')).toBe('|  45 %  Creating ada.wiki.localhost.')
    expect(asRow(shown, 20, '|')).toBe('|  45 %  Creating …')
  })

  test('is a row, whatever stands in the text', () => {
    expect(asRow({ text: 'one\r\ntwo\u001B[2Jthree\tfour', percent: undefined }, 80, '|')).toBe(
      '| one two [2Jthree four',
    )
  })
})
