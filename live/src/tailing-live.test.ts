import { afterEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '@wikistead/test/eventually'
import { MemoryLog } from '../test/memory-log.ts'
import { tailingLive } from './tailing-live.ts'

const intervalMs = 5

/** Until the tail has asked this many more times. */
async function questions(log: MemoryLog, count: number): Promise<void> {
  const until = log.asked.lastSeqs + count
  await eventually(() => expect(log.asked.lastSeqs).toBeGreaterThanOrEqual(until))
}

test('what another process has appended wakes its listeners and no others', async () => {
  const log = new MemoryLog()
  await using live = tailingLive({ lastSeqs: log.lastSeqs, intervalMs })
  const [changed, quiet] = [vi.fn(), vi.fn()]
  live.subscribe('a', changed)
  live.subscribe('b', quiet)
  // Each is woken once when first seen: it may have read just before an event came.
  await eventually(() => expect([changed, quiet].map(({ mock }) => mock.calls.length)).toEqual([1, 1]))
  log.append('a', 'progress')
  await eventually(() => expect(changed).toHaveBeenCalledTimes(2))
  await questions(log, 3)
  expect(changed).toHaveBeenCalledTimes(2)
  expect(quiet).toHaveBeenCalledTimes(1)
})

test('an event between the reading of a new listener and the first question is not lost', async () => {
  const log = new MemoryLog()
  await using live = tailingLive({ lastSeqs: log.lastSeqs, intervalMs })
  const wake = vi.fn()
  live.subscribe('a', wake)
  log.append('a', 'progress')
  await eventually(() => expect(wake).toHaveBeenCalled())
})

test('what this process publishes wakes without any question', async () => {
  const log = new MemoryLog()
  await using live = tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 3_600_000 })
  const wake = vi.fn()
  live.subscribe('a', wake)
  live.publish('a')
  await eventually(() => expect(wake).toHaveBeenCalledTimes(1))
  expect(log.asked.lastSeqs).toBe(0)
})

test('1,201 tasks are asked about in three queries, and every one is woken', async () => {
  const log = new MemoryLog()
  await using live = tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 3_600_000 })
  const woken = new Set<number>()
  for (let task = 0; task < 1_201; task++) live.subscribe(`task ${task}`, () => woken.add(task))
  live.pace(3_600_000)
  await eventually(() => expect(woken.size).toBe(1_201))
  expect(log.asked.lastSeqs).toBe(3)
  expect(log.widest).toBe(500)
})

test('a new pace asks at once, also when it is set during a question', async () => {
  const lastSeqs = vi.fn(async () => {
    if (lastSeqs.mock.calls.length === 2) live.pace(3_600_000)
    return new Map<string, number>()
  })
  await using live = tailingLive({ lastSeqs, intervalMs: 3_600_000 })
  live.subscribe('a', () => {})
  live.pace(3_600_000)
  await eventually(() => expect(lastSeqs).toHaveBeenCalledTimes(1))
  live.pace(undefined)
  await eventually(() => expect(lastSeqs).toHaveBeenCalledTimes(3))
})

describe('as the hours go by', () => {
  afterEach(() => void vi.useRealTimers())

  /** A tail that asks every 100 ms of a time which the test makes pass. */
  function tail() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const log = new MemoryLog()
    return { log, live: tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 100 }) }
  }

  /** Lets the time pass in small steps, with a few turns after each for the answers. */
  async function pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      await vi.advanceTimersByTimeAsync(50)
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test('one query a tick serves all, and none is asked while nobody listens', async () => {
    const { log, live } = tail()
    const leave = ['a', 'a', 'b'].map((taskId) => live.subscribe(taskId, () => {}))
    await pass(1_000)
    expect(log.asked.lastSeqs).toBe(10)
    leave.forEach((go) => go())
    await pass(60_000)
    expect(log.asked.lastSeqs).toBe(10)
    expect(vi.getTimerCount()).toBe(0)
    live.subscribe('c', () => {})
    await pass(1_000)
    expect(log.asked.lastSeqs).toBe(20)
    await live[Symbol.asyncDispose]()
  })

  test('a store that fails is asked ever more rarely; health says so, and when it is over', async () => {
    const { log, live } = tail()
    const wake = vi.fn()
    live.subscribe('a', wake)
    await pass(100)
    expect(wake).toHaveBeenCalledTimes(1)
    log.failure = new Error('the disk is full')
    await pass(60_000)
    expect(live.health()).toEqual({ ok: false, detail: 'the store cannot be asked: the disk is full' })
    // After 0.1, 0.2, 0.4 … 3.2 s, and then every 5 s.
    expect(log.asked.lastSeqs - 1).toBeGreaterThanOrEqual(15)
    expect(log.asked.lastSeqs - 1).toBeLessThanOrEqual(20)
    log.append('a', 'progress')
    log.failure = undefined
    await pass(5_100)
    expect(wake).toHaveBeenCalledTimes(2)
    expect(live.health()).toEqual({ ok: true, detail: 'asking the store every 100 ms' })
    await live[Symbol.asyncDispose]()
  })

  test('disposal ends it for good', async () => {
    const { log, live } = tail()
    live.subscribe('a', () => {})
    await pass(100)
    await live[Symbol.asyncDispose]()
    live.subscribe('a', () => {})
    await pass(10_000)
    expect(log.asked.lastSeqs).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('a store that does not answer at all shows in health', async () => {
  const answered = Promise.withResolvers<ReadonlyMap<string, number>>()
  const lastSeqs = vi.fn(() => answered.promise)
  await using live = tailingLive({ lastSeqs, intervalMs })
  live.subscribe('a', () => {})
  await eventually(() => expect(lastSeqs).toHaveBeenCalled())
  const later = performance.now() + 7_000
  const clock = vi.spyOn(performance, 'now').mockReturnValue(later)
  const health = live.health()
  clock.mockRestore()
  expect(health).toEqual({ ok: false, detail: 'the store has not answered for 7 s' })
  answered.resolve(new Map())
  await eventually(() => expect(live.health().ok).toBe(true))
})

test('disposal does not wait for a store that never answers', async () => {
  const lastSeqs = vi.fn(() => new Promise<never>(() => {}))
  const live = tailingLive({ lastSeqs, intervalMs })
  live.subscribe('a', () => {})
  await eventually(() => expect(lastSeqs).toHaveBeenCalled())
  await live[Symbol.asyncDispose]()
})
