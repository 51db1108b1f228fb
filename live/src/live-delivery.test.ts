/** The stream over a real Redis, in the hands of somebody who pulls its plug. */
import { expect, test } from 'vitest'
import { eventually } from '@wikistead/test/eventually'
import { MemoryLog } from '../test/memory-log.ts'
import { startRedisServer } from '../test/redis-server.ts'
import type { StoredEvent } from './followed-task.ts'
import { redisLive } from './redis-live.ts'
import { tailingLive } from './tailing-live.ts'
import { TaskEventStream } from './task-event-stream.ts'

test('Redis is killed, frozen and brought back mid-stream: two processes deliver each log byte for byte', async () => {
  await using redis = await startRedisServer()
  const log = new MemoryLog()
  const { server, password } = redis
  const live = () =>
    redisLive({ server, password, fallback: tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 10 }) })
  await using writer = live()
  await using one = live()
  await using two = live()
  const streams = [one, two].map(
    (each) => new TaskEventStream({ live: each, eventsAfter: log.eventsAfter, limit: 10 }),
  )
  await eventually(() =>
    expect([writer, one, two].map((each) => each.health().ok)).toEqual([true, true, true]),
  )

  let disconnects = 0
  /** Reads one log to its end, now by one process and now by the other. */
  async function read(taskId: string): Promise<StoredEvent[]> {
    const got: StoredEvent[] = []
    while (got.at(-1)?.type !== 'status') {
      const stream = streams[disconnects++ % 2]
      let left = Math.floor(Math.random() * 8)
      const end = new AbortController()
      for await (const event of stream?.follow(taskId, got.at(-1)?.seq ?? 0, end.signal) ?? []) {
        got.push(event)
        if (left-- === 0) end.abort()
      }
    }
    return got
  }

  const taskIds = Array.from({ length: 20 }, (_, task) => `task ${task}`)
  const readers = taskIds.flatMap((taskId) => [read(taskId), read(taskId)])
  let most = 0
  /** Appends so many events to every log, at a pace at which readers come in between. */
  async function write(count: number, type = 'progress'): Promise<void> {
    for (let event = 0; event < count; event++) {
      for (const taskId of taskIds) {
        log.append(taskId, type, `${most}`)
        writer.publish(taskId)
      }
      most++
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await write(20)
  await redis.kill()
  await write(20)
  await redis.start()
  await write(20)
  redis.freeze()
  await write(5)
  await eventually(() => expect([one.health().ok, two.health().ok]).toEqual([false, false]))
  await write(15)
  redis.thaw()
  await write(20)
  await redis.kill()
  await write(10)
  await write(1, 'status')

  const got = await Promise.all(readers)
  expect(got).toHaveLength(40)
  for (const [reader, events] of got.entries()) {
    const taskId = taskIds[Math.floor(reader / 2)] ?? ''
    expect(events.map(({ json }) => json).join('\n')).toBe(
      log
        .of(taskId)
        .map(({ json }) => json)
        .join('\n'),
    )
  }
  expect(disconnects).toBeGreaterThan(500)
  expect(streams.map(({ readers: open }) => open)).toEqual([0, 0])
})

test('while Redis is down, each event is delivered before the next one is written', async () => {
  await using redis = await startRedisServer()
  const log = new MemoryLog()
  const live = () =>
    redisLive({ ...redis, fallback: tailingLive({ lastSeqs: log.lastSeqs, intervalMs: 10 }) })
  await using here = live()
  await using there = live()
  await eventually(() => expect([here.health().ok, there.health().ok]).toEqual([true, true]))
  const stream = new TaskEventStream({ live: there, eventsAfter: log.eventsAfter })
  const events = stream.follow('a', 0, new AbortController().signal)
  for (let count = 1; count <= 30; count++) {
    if (count === 10) await redis.kill()
    if (count === 20) await redis.start()
    log.append('a', 'progress')
    here.publish('a')
    expect((await events.next()).value).toMatchObject({ seq: count })
  }
  await events.return()
})
