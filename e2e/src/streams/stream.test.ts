/** One event stream as HTTP clients see it, over both engines of the store; no farm, no worker: the test writes the log. */
import { eventually } from '@wikistead/test/eventually'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { open, readStream, type Frame, type ReadOptions } from '../../test/event-stream.ts'
import { endTask, newTask, storedLog, writeLines } from '../../test/task-log.ts'

const heartbeatMs = 100

describe.each(storeEngines)('over a store on %s', (storeEngine) => {
  let api: ApiUnderTest
  let url: string
  let ada: Asker
  let number = 0

  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine, deps: { heartbeatMs } })
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${String((api.app.server.address() as AddressInfo).port)}`
    ada = await api.user('ada')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  async function task(lines: readonly string[] = []): Promise<string> {
    const taskId = `task-${String((number += 1))}`
    await newTask(api.store, taskId, ada.id)
    await writeLines(api.store, taskId, lines)
    return taskId
  }
  const read = (taskId: string, options?: ReadOptions) =>
    readStream({ url, token: ada.token, taskId }, options)
  const log = (taskId: string) => storedLog(api.store, taskId)

  describe('a task that has ended', () => {
    test('is told whole, and the stream ends', async () => {
      const taskId = await task(['one', 'two'])
      await endTask(api.store, taskId)
      const reading = await read(taskId)
      expect(reading).toMatchObject({ end: 'ended', rest: '', comments: [': open'] })
      expect(reading.frames).toEqual(await log(taskId))
      expect(reading.frames.map(({ id }) => id)).toEqual([1, 2, 3, 4])
      expect(reading.frames.map(({ event }) => event)).toEqual(['progress', 'log', 'log', 'status'])
    })

    test('is told from where the client stands: from nowhere, the middle, the end, and beyond it', async () => {
      const taskId = await task(Array.from({ length: 500 }, (_, at) => String(at)))
      await endTask(api.store, taskId)
      const all = await log(taskId)
      for (const [lastEventId, expected] of [
        [0, all],
        [250, all.slice(250)],
        [501, all.slice(501)],
        [502, []],
        // What this log never had was of another: all of it is new to the client.
        [503, all],
        [9_007_199_254_740_991, all],
      ] as const) {
        const { frames, end } = await read(taskId, { lastEventId })
        expect(end).toBe('ended')
        expect(frames).toEqual(expected)
      }
    })

    test('is told by `after` to clients that cannot send a header, and the header goes before it', async () => {
      const taskId = await task(['one', 'two'])
      await endTask(api.store, taskId)
      const path = `/v1/tasks/${taskId}/events`
      const idsOf = ({ text }: { text: string }) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)
      expect(idsOf(await api.ask('GET', `${path}?after=2`, { as: ada }))).toEqual(['3', '4'])
      const headers = { 'last-event-id': '3' }
      expect(idsOf(await api.ask('GET', `${path}?after=1`, { as: ada, headers }))).toEqual(['4'])
      for (const lastEventId of ['-1', 'abc', '1.5', '1e400']) {
        expect(
          await api.ask('GET', path, { as: ada, headers: { 'last-event-id': lastEventId } }),
        ).toMatchObject({
          ...{ status: 400, body: { code: 'invalid_request' } },
        })
      }
    })
  })

  test('a stream that waits says so in comments without an id, and goes on', async () => {
    const taskId = await task(['one'])
    let heartbeats = 0
    const reading = read(taskId, {
      onComment(text) {
        if (text === ': still here') heartbeats += 1
      },
    })
    await eventually(() => expect(heartbeats).toBeGreaterThanOrEqual(2))
    await writeLines(api.store, taskId, ['two'])
    const before = heartbeats
    await eventually(() => expect(heartbeats).toBeGreaterThanOrEqual(before + 2))
    await endTask(api.store, taskId)
    const { frames, comments, end } = await reading
    expect(end).toBe('ended')
    expect(frames).toEqual(await log(taskId))
    expect(new Set(comments)).toEqual(new Set([': open', ': still here']))
  })

  test('a new life begins while one client has seen the end, one has not read it, and one comes late', async () => {
    const taskId = await task(['first life'])
    await api.store.transaction((scope) =>
      scope.tasks.append({
        taskId,
        run: 1,
        event: { type: 'status', status: 'failed', code: 'farm_unavailable' },
      }),
    )
    const atTheEnd = await read(taskId)
    expect(atTheEnd).toMatchObject({ end: 'ended' })
    await api.store.transaction((scope) => scope.tasks.revive(taskId, 'Trying again.'))
    const back = read(taskId, { lastEventId: atTheEnd.frames.at(-1)?.id })
    const late = read(taskId)
    await writeLines(api.store, taskId, ['second life'], 2)
    await endTask(api.store, taskId, 2)
    const all = await log(taskId)
    expect(all.map(({ event }) => event)).toEqual([
      ...['progress', 'log', 'status', 'reset', 'progress', 'log', 'status'],
    ])
    expect([...atTheEnd.frames, ...(await back).frames]).toEqual(all)
    expect((await late).frames).toEqual(all)
  })

  test('a stream is for the task’s owner and for operators; to others the task does not exist', async () => {
    const taskId = await task()
    await endTask(api.store, taskId)
    const path = `/v1/tasks/${taskId}/events`
    const [bob, operator, admin] = [
      await api.user('bob'),
      await api.user('op', 'operator'),
      await api.user('adm', 'admin'),
    ]
    for (const as of [ada, operator, admin]) {
      expect(await api.ask('GET', path, { as })).toMatchObject({ status: 200 })
    }
    const missing = await api.ask('GET', '/v1/tasks/no-such-task/events', { as: bob })
    expect(missing).toMatchObject({ status: 404, body: { code: 'task_not_found' } })
    expect(await api.ask('GET', path, { as: bob })).toMatchObject({
      status: 404,
      body: { code: 'task_not_found' },
    })
    expect(await api.ask('GET', path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    const nobody = { id: 0, token: 'not-a-token' }
    expect(await api.ask('GET', path, { as: nobody })).toMatchObject({ status: 401 })
    const inTheAddress = await api.ask('GET', `${path}?access_token=${ada.token}&token=${ada.token}`)
    expect(inTheAddress).toMatchObject({ status: 401 })
  })

  test('the head of a stream keeps proxies and caches from holding it back', async () => {
    const taskId = await task()
    const response = await open({ url, token: ada.token, taskId })
    expect(response.headers).toMatchObject({
      ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    })
    expect(response.headers['content-length']).toBeUndefined()
    response.destroy()
    await noStreams()
  })

  test('clients that never read cost no memory that grows, and hold nobody up', async () => {
    const taskId = await task()
    const stalled = Array.from({ length: 20 }, () => stallingClient(taskId))
    await eventually(async () => expect(await openStreams()).toBe(20))
    const line = 'x'.repeat(20_000)
    let got: Frame | undefined
    const reading = read(taskId, { onFrame: (frame) => (got = frame) })
    const before = heldBytes()
    // 18 MB, for each of them.
    for (let batch = 0; batch < 15; batch += 1) {
      await writeLines(
        api.store,
        taskId,
        Array.from({ length: 60 }, () => line),
      )
      await eventually(() => expect(got?.id).toBe(1 + 60 * (batch + 1)))
    }
    expect(heldBytes() - before).toBeLessThan(100 * 1_048_576)
    await endTask(api.store, taskId)
    expect((await reading).frames).toHaveLength(902)
    expect(await openStreams()).toBe(20)
    for (const socket of stalled) socket.destroy()
    await noStreams()
  })

  /** What is still held once the garbage is gone: how much of that waits to be collected is chance. */
  function heldBytes(): number {
    setFlagsFromString('--expose_gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }

  /** Asks for the stream and then takes nothing from its socket. */
  function stallingClient(taskId: string) {
    const { port } = api.app.server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(
      [
        `GET /v1/tasks/${taskId}/events HTTP/1.1`,
        'host: x',
        `authorization: Bearer ${ada.token}`,
        '',
        '',
      ].join('\r\n'),
    )
    return socket
  }

  async function openStreams(): Promise<number> {
    const as = await api.user('an-operator', 'operator')
    const { text } = await api.ask('GET', '/metrics', { as })
    return Number(/^wikistead_open_streams (\d+)$/m.exec(text)?.[1])
  }

  async function noStreams(): Promise<void> {
    await eventually(async () => expect(await openStreams()).toBe(0))
  }
})
