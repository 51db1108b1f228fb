import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { superviseChild } from '@wikistead/processes'
import { freshStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger } from './log.ts'
import { PartWatch } from './part-watch.ts'

let started: AsyncDisposableStack
let folder: string
const lines: unknown[] = []
const logger = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) })

beforeEach(async () => {
  started = new AsyncDisposableStack()
  lines.length = 0
  folder = await mkdtemp(join(tmpdir(), 'wikistead-watch-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
})
afterEach(() => started.disposeAsync())

/** Serves while the file `up` is there. */
async function child(watch: PartWatch) {
  const up = join(folder, 'up')
  await writeFile(up, '')
  const running = started.use(
    await superviseChild({
      ...{ name: 'the child', command: 'sleep', args: ['1000'], env: {}, logFile: join(folder, 'child.log') },
      onChange: watch.child('mariadb'),
      ready: async (signal) => {
        while (!existsSync(up)) await sleep(20, undefined, { signal })
      },
    }),
  )
  return { up, kill: () => process.kill(running.state.pid ?? 0, 'SIGKILL') }
}

test('a killed child begins an incident, Health says so, and it closes itself when the child serves again', async () => {
  const { store } = started.use(await freshStore('sqlite'))
  const watch = started.use(new PartWatch(logger, 'one'))
  watch.writeTo(store)
  const { up, kill } = await child(watch)
  const health = async () => (await Promise.all(watch.health.map((look) => look())))[0]
  expect(await health()).toMatchObject({ part: 'mariadb', ok: true })
  await rm(up)
  kill()
  await eventually(async () => expect(await store.alarms.open()).toHaveLength(1))
  expect(await store.alarms.open()).toMatchObject([
    {
      ...{ code: 'part_away', subject: 'mariadb@one', times: 1 },
      message: expect.stringContaining('signal SIGKILL') as string,
    },
  ])
  expect(await health()).toMatchObject({ ok: false, detail: expect.stringContaining('SIGKILL') as string })
  await writeFile(up, '')
  await eventually(async () => expect(await store.alarms.open()).toEqual([]))
  const [over] = await store.alarms.recent()
  expect(over?.cleared_at).toBeGreaterThanOrEqual(over?.since ?? Infinity)
  expect(await health()).toMatchObject({
    ok: true,
    detail: expect.stringContaining('started again') as string,
  })
  expect(lines).toContainEqual(expect.objectContaining({ child: 'mariadb', msg: 'a child serves again' }))
})

test('what happened before there was a store, or while it was away, is written afterwards, in its order', async () => {
  const watch = started.use(new PartWatch(logger, 'one'))
  const { kill } = await child(watch)
  kill()
  await eventually(() =>
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'a child serves again' })),
  )
  const { store } = started.use(await freshStore('sqlite'))
  // Disposed of before the store.
  const last = started.use(watch)
  last.writeTo(store)
  await eventually(async () => {
    expect(await store.alarms.recent()).toMatchObject([{ subject: 'mariadb@one', times: 1 }])
    expect(await store.alarms.open()).toEqual([])
  })
})

test('a part that somebody else runs is away when it did not answer twice', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  started.defer(() => void vi.useRealTimers())
  const { store } = started.use(await freshStore('sqlite'))
  const watch = started.use(new PartWatch(logger, 'one'))
  watch.writeTo(store)
  let ok = false
  let looks = 0
  started.use(
    watch.look(() => {
      looks += 1
      return Promise.resolve({ part: 'mariadb', ok, detail: ok ? '11.8' : 'no answer', mend: 'Start it.' })
    }),
  )
  const look = async () => {
    const before = looks
    await vi.advanceTimersByTimeAsync(15_000)
    await eventually(() => expect(looks).toBe(before + 1))
  }
  await look()
  expect(await store.alarms.open()).toEqual([])
  await look()
  await look()
  await eventually(async () =>
    expect(await store.alarms.open()).toMatchObject([{ message: 'no answer', mend: 'Start it.', times: 1 }]),
  )
  ok = true
  await look()
  await eventually(async () => expect(await store.alarms.open()).toEqual([]))
})
