import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { eventually } from '@wikistead/test/eventually'
import { heapInUse } from '../test/heap.ts'
import { MemoryLog } from '../test/memory-log.ts'
import type { StoredEvent } from './followed-task.ts'
import { inProcessLive } from './in-process-live.ts'
import type { LiveEvents } from './live-events.ts'
import { tailingLive } from './tailing-live.ts'
import { TaskEventStream } from './task-event-stream.ts'

const noEnd = new AbortController().signal
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** Everything that a stream gives until it ends. */
async function all(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const got: StoredEvent[] = []
  for await (const event of events) got.push(event)
  return got
}

/** A stream over a log, and a writer that says what it has written. */
function streamOf(log: MemoryLog, options: { live?: LiveEvents; limit?: number } = {}) {
  const { live = inProcessLive(), limit = 200 } = options
  const stream = new TaskEventStream({ live, eventsAfter: log.eventsAfter, limit })
  const write = (type: string, message = '') => {
    log.append('a', type, message)
    live.publish('a')
  }
  return { stream, write, live }
}

describe('a stream', () => {
  test.each([1, 2, 3, 200])('replays a log that has ended, %i events a query, and ends', async (limit) => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log, { limit })
    for (const type of ['progress', 'log', 'progress', 'status']) write(type)
    for (const from of [0, 1, 2, 3]) {
      expect(await all(stream.follow('a', from, noEnd))).toEqual(log.of('a').slice(from))
    }
  })

  test('ends at once when the cursor is at the last status already', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    write('progress')
    write('status')
    expect(await all(stream.follow('a', 2, noEnd))).toEqual([])
  })

  test('follows a log as it grows, from before its first event to its end', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    const seen: StoredEvent[] = []
    const following = (async () => {
      for await (const event of stream.follow('a', 0, noEnd)) seen.push(event)
    })()
    for (let count = 1; count <= 20; count++) {
      write(count < 20 ? 'progress' : 'status')
      await eventually(() => expect(seen).toHaveLength(count))
    }
    await following
    expect(seen).toEqual(log.of('a'))
  })

  test('an event that is told of while the store is still answering is not lost', async () => {
    const live = inProcessLive()
    const log = new MemoryLog()
    const answer = Promise.withResolvers<void>()
    const eventsAfter = async (taskId: string, seq: number, limit: number) => {
      const found = await log.eventsAfter(taskId, seq, limit)
      await answer.promise
      return found
    }
    const stream = new TaskEventStream({ live, eventsAfter })
    const following = all(stream.follow('a', 0, noEnd))
    await eventually(() => expect(log.asked.eventsAfter).toBe(1))
    log.append('a', 'status')
    live.publish('a')
    // Asks the same at the same time, after the wake-up.
    await nextTurn()
    const second = all(stream.follow('a', 0, noEnd))
    answer.resolve()
    expect(await following).toHaveLength(1)
    expect(await second).toHaveLength(1)
  })

  test('goes on over a new life that began before its reader was there, and ends with that', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log, { limit: 2 })
    for (const type of ['progress', 'status', 'reset', 'progress']) write(type)
    const following = all(stream.follow('a', 2, noEnd))
    await nextTurn()
    write('status')
    expect(await following).toEqual(log.of('a').slice(2))
  })

  test('goes on when a new life begins while its reader looks at the status', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    write('status')
    const events = stream.follow('a', 0, noEnd)
    expect((await events.next()).value).toMatchObject({ type: 'status' })
    write('reset')
    const rest = all(events)
    write('status')
    expect((await rest).map(({ type }) => type)).toEqual(['reset', 'status'])
  })

  test('replays from the start for a cursor that the log has never reached', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    write('progress')
    write('status')
    expect(await all(stream.follow('a', 3, noEnd))).toEqual(log.of('a'))
    expect(await all(stream.follow('a', 1_000, noEnd))).toEqual(log.of('a'))
  })

  test('starts where the log does, when its beginning has been cleared away', async () => {
    const log = new MemoryLog()
    for (let count = 1; count <= 9; count++) log.append('a', count < 9 ? 'progress' : 'status')
    const eventsAfter = (taskId: string, seq: number, limit: number) =>
      log.eventsAfter(taskId, Math.max(seq, 5), limit)
    const stream = new TaskEventStream({ live: inProcessLive(), eventsAfter })
    expect((await all(stream.follow('a', 2, noEnd))).map(({ seq }) => seq)).toEqual([6, 7, 8, 9])
  })
})

describe('ending early', () => {
  test.each(['while it waits for news', 'while the store is asked', 'before it began'])(
    'an abort %s ends it at once and leaves nothing behind',
    async (when) => {
      const end = new AbortController()
      const live = inProcessLive()
      const left = vi.fn()
      const counted: LiveEvents = {
        ...live,
        subscribe: (taskId, wake) => (live.subscribe(taskId, wake), left),
      }
      const asked = vi.fn(() => (when === 'while the store is asked' ? new Promise<never>(() => {}) : []))
      const stream = new TaskEventStream({ live: counted, eventsAfter: async () => asked() })
      if (when === 'before it began') end.abort()
      const following = all(stream.follow('a', 0, end.signal))
      if (when !== 'before it began') await eventually(() => expect(asked).toHaveBeenCalled())
      // By now the answer, if there is one, has been taken.
      await nextTurn()
      end.abort()
      expect(await following).toEqual([])
      expect(stream.readers).toBe(0)
      expect(left).toHaveBeenCalledTimes(1)
    },
  )

  test('a reader that breaks off frees its place, the others stay', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    write('progress')
    const staying = all(stream.follow('a', 0, noEnd))
    for await (const event of stream.follow('a', 0, noEnd)) if (event.seq === 1) break
    expect(stream.readers).toBe(1)
    write('status')
    expect(await staying).toHaveLength(2)
    expect(stream.readers).toBe(0)
  })

  test('a store that fails ends the readers of that task with its error, and the next ones are served', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    log.failure = new Error('the disk is full')
    const readers = [1, 2, 3].map(() => all(stream.follow('a', 0, noEnd)))
    for (const reader of readers) await expect(reader).rejects.toThrow('the disk is full')
    log.failure = undefined
    write('status')
    expect(await all(stream.follow('a', 0, noEnd))).toHaveLength(1)
    expect(stream.readers).toBe(0)
  })
})

describe('many readers', () => {
  test('1,000 of one task cost one query a wake-up', async () => {
    const log = new MemoryLog()
    const { stream, write } = streamOf(log)
    const counts = Array.from({ length: 1_000 }, () => 0)
    const readers = counts.map(async (_, reader) => {
      for await (const event of stream.follow('a', 0, noEnd)) counts[reader] = event.seq
    })
    await eventually(() => expect(log.asked.eventsAfter).toBe(1))
    for (let count = 1; count <= 50; count++) {
      write(count < 50 ? 'progress' : 'status')
      await eventually(() => expect(counts.every((seen) => seen === count)).toBe(true))
    }
    await Promise.all(readers)
    // The first question, one for each event, and the one that finds nothing after the status.
    expect(log.asked.eventsAfter).toBe(52)
    expect(stream.readers).toBe(0)
  })

  test('one that is slow holds nobody up and costs no memory, and still gets everything', async () => {
    const live = inProcessLive()
    let last = 0
    // 10 kB an event, made anew at each question: whatever is kept shows.
    const eventsAfter = async (_: string, seq: number, limit: number): Promise<readonly StoredEvent[]> => {
      await nextTurn()
      const count = Math.max(0, Math.min(limit, last - seq))
      return Array.from({ length: count }, (_, at) => {
        const number = seq + at + 1
        return { seq: number, type: number === 10_000 ? 'status' : 'log', json: `${number}`.padEnd(10_000) }
      })
    }
    const stream = new TaskEventStream({ live, eventsAfter, limit: 20 })
    const slow = Array.from({ length: 20 }, () => stream.follow('a', 0, noEnd))
    const quick = (async () => {
      let seen = 0
      for await (const { seq } of stream.follow('a', 0, noEnd)) {
        expect(seq).toBe(seen + 1)
        seen = seq
      }
      return seen
    })()
    last = 1
    live.publish('a')
    for (const reader of slow) expect((await reader.next()).value).toMatchObject({ seq: 1 })
    const before = heapInUse()
    while (last < 10_000) {
      last = Math.min(last + 50, 10_000)
      live.publish('a')
      await nextTurn()
    }
    expect(await quick).toBe(10_000)
    // Kept for twenty slow readers, this would be 2 GB.
    expect(heapInUse() - before).toBeLessThan(20_000_000)
    for (const reader of slow) {
      let seen = 1
      for await (const { seq } of reader) expect(seq).toBe(++seen)
      expect(seen).toBe(10_000)
    }
  })
})

describe('thousands of random disconnects', () => {
  /** A writer that tells of some of what it has written, over tasks with several lives. */
  async function write(
    log: MemoryLog,
    live: LiveEvents,
    taskId: string,
    lives: readonly number[],
  ): Promise<void> {
    for (const [life, events] of lives.entries()) {
      if (life > 0) log.append(taskId, 'reset')
      for (let event = 0; event < events; event++) {
        log.append(taskId, event % 3 === 0 ? 'log' : 'progress', `${life}.${event}`)
        if (Math.random() < 0.7) live.publish(taskId)
        if (Math.random() < 0.5) await nextTurn()
      }
      log.append(taskId, 'status')
      live.publish(taskId)
      // The next life begins before, while or after readers have seen this one's end.
      if (Math.random() < 0.5) await nextTurn()
    }
  }

  /** Reads a whole log, losing its connection again and again: after some events, or at any moment. */
  async function readTorn(stream: TaskEventStream, taskId: string, whole: () => boolean) {
    const got: StoredEvent[] = []
    for (let disconnects = 0; ; disconnects++) {
      const wasWhole = whole()
      const end = new AbortController()
      const stop = setTimeout(() => end.abort(), Math.random() * 6)
      let left = Math.floor(Math.random() * 6)
      for await (const event of stream.follow(taskId, got.at(-1)?.seq ?? 0, end.signal)) {
        got.push(event)
        if (left-- === 0) break
        if (Math.random() < 0.2) await nextTurn()
      }
      clearTimeout(stop)
      // It came to the end by itself, and that was the end.
      if (wasWhole && left >= 0 && !end.signal.aborted) return { got, disconnects }
    }
  }

  test.each(['in one process', 'by tailing the store alone'])(
    '%s: each log arrives byte for byte',
    async (how) => {
      const log = new MemoryLog()
      const tail = () => tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 1 })
      // A writer in another process wakes nobody here.
      await using own = tail()
      await using others = inProcessLive()
      const stream = new TaskEventStream({ live: own, eventsAfter: log.eventsAfter, limit: 7 })
      const writers = how === 'in one process' ? own : others
      let disconnects = 0
      const taskIds = Array.from({ length: 12 }, (_, task) => `task ${task}`)
      await Promise.all(
        taskIds.map(async (taskId) => {
          let written = false
          const writing = write(log, writers, taskId, [40, 1, 60, 25, 80]).then(() => (written = true))
          const readers = Array.from({ length: 5 }, () => readTorn(stream, taskId, () => written))
          await writing
          for (const { got, disconnects: count } of await Promise.all(readers)) {
            disconnects += count
            expect(got.map(({ json }) => json).join('\n')).toBe(
              log
                .of(taskId)
                .map(({ json }) => json)
                .join('\n'),
            )
          }
        }),
      )
      expect(disconnects).toBeGreaterThan(1_000)
      expect(stream.readers).toBe(0)
    },
  )

  test('from any cursor of any log, what follows is what the log holds', async () => {
    const types = fc.array(fc.constantFrom('progress', 'log', 'status', 'reset'), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(types, fc.nat(30), fc.integer({ min: 1, max: 8 }), async (some, from, limit) => {
        const log = new MemoryLog()
        const { stream } = streamOf(log, { limit })
        for (const type of [...some, 'status']) log.append('a', type)
        const cursor = Math.min(from, some.length + 1)
        expect(await all(stream.follow('a', cursor, noEnd))).toEqual(log.of('a').slice(cursor))
      }),
      { numRuns: 300 },
    )
  })
})
