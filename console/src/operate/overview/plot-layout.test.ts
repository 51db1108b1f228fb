import { expect, test } from 'vitest'
import { plotLayout } from './plot-layout.ts'

const day = 86_400_000
const options = {
  series: [
    {
      label: 'Wikis',
      points: [
        { at: 0, value: 0 },
        { at: day, value: 10 },
      ],
    },
  ],
  ...{ span: [0, day] as const, width: 300, height: 120, fromRight: false },
}

test('time goes the way the reader reads, numbers stand where the line begins', () => {
  const [left, right] = [plotLayout(options), plotLayout({ ...options, fromRight: true })]
  expect(left.lines[0]?.last).toEqual({ x: left.inner.right, y: left.inner.top })
  expect(right.lines[0]?.last).toEqual({ x: right.inner.left, y: right.inner.top })
  expect(left.inner.left).toBeGreaterThan(right.inner.left)
})

test('numbers begin at nought, and the highest has room', () => {
  const { values } = plotLayout(options)
  expect(values[0]?.value).toBe(0)
  expect(values.at(-1)?.value).toBeGreaterThanOrEqual(10)
})

test('what is counted is not told in halves, what is measured is', () => {
  const of = (value: number) =>
    plotLayout({ ...options, series: [{ label: 'One', points: [{ at: 0, value }] }] })
  expect(of(1).values.map(({ value }) => value)).toEqual([0, 1])
  expect(of(0.5).values.every(({ value }) => Number.isInteger(value))).toBe(false)
})

test('nothing, and one point, can be drawn', () => {
  expect(plotLayout({ ...options, series: [] }).lines).toEqual([])
  const one = plotLayout({ ...options, series: [{ label: 'One', points: [{ at: day / 2, value: 0 }] }] })
  expect(one.lines[0]?.last).toBeDefined()
  expect(plotLayout({ ...options, series: [{ label: 'None', points: [] }] }).lines[0]).toMatchObject({
    ...{ path: '', last: undefined },
  })
})
