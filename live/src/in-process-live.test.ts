import { expect, test, vi } from 'vitest'
import { inProcessLive } from './in-process-live.ts'

/** Until whatever was put off to the end of this turn has happened. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('many publishes in a row wake a listener once, and only those of its task', async () => {
  await using live = inProcessLive()
  const [one, same, other] = [vi.fn(), vi.fn(), vi.fn()]
  live.subscribe('a', one)
  live.subscribe('a', same)
  live.subscribe('b', other)
  for (let count = 0; count < 1_000; count++) live.publish('a')
  await nextTurn()
  expect([one, same, other].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0])
  live.publish('a')
  await nextTurn()
  expect(one).toHaveBeenCalledTimes(2)
})

test('nobody listens to a task: publishing it is nothing', () => {
  const live = inProcessLive()
  expect(() => live.publish('a')).not.toThrow()
})

test('the same function may listen twice, and leaves once for each', async () => {
  await using live = inProcessLive()
  const wake = vi.fn()
  const leave = live.subscribe('a', wake)
  live.subscribe('a', wake)
  leave()
  leave()
  live.publish('a')
  await nextTurn()
  expect(wake).toHaveBeenCalledTimes(1)
})

test('one that leaves, or is sent away by another, is not woken any more', async () => {
  await using live = inProcessLive()
  const second = vi.fn()
  const third = vi.fn()
  live.subscribe('a', () => leaveSecond())
  const leaveSecond = live.subscribe('a', second)
  const leaveThird = live.subscribe('a', third)
  live.publish('a')
  leaveThird()
  await nextTurn()
  expect(second).not.toHaveBeenCalled()
  expect(third).not.toHaveBeenCalled()
})

test('one that comes while others are woken waits for the next publish', async () => {
  await using live = inProcessLive()
  const late = vi.fn()
  live.subscribe('a', () => live.subscribe('a', late))
  live.publish('a')
  await nextTurn()
  expect(late).not.toHaveBeenCalled()
  live.publish('a')
  await nextTurn()
  expect(late).toHaveBeenCalledTimes(1)
})

test('one that throws harms nobody, and is said aloud', async () => {
  await using live = inProcessLive()
  using warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const healthy = vi.fn()
  live.subscribe('a', () => {
    throw new Error('a listener of ours is broken')
  })
  live.subscribe('a', healthy)
  live.subscribe('b', healthy)
  live.publish('a')
  live.publish('b')
  await nextTurn()
  expect(healthy).toHaveBeenCalledTimes(2)
  expect(warning.mock.calls).toMatchObject([
    [{ message: 'a listener of ours is broken' }, { type: 'WakeUpWarning' }],
  ])
})

test('after disposal nobody is woken', async () => {
  const live = inProcessLive()
  const wake = vi.fn()
  live.subscribe('a', wake)
  live.publish('a')
  await live[Symbol.asyncDispose]()
  live.publish('a')
  await nextTurn()
  expect(wake).not.toHaveBeenCalled()
})
