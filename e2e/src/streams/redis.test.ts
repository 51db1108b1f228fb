/** Redis carries the wake-ups between the process that writes and two that serve; it is stopped and started mid-stream. */
import { eventually } from '@wikistead/test/eventually'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { redisLive, tailingLive } from '@wikistead/live'
import { startRedisServer } from '@wikistead/live/test/redis-server'
import { bootstrapTokenFile } from '@wikistead/server'
import { startStack } from '@wikistead/test/stack'
import { expect, test } from 'vitest'
import { followWithCuts, seededRandom } from '../../test/cut-follower.ts'
import { startKillableApi, type KillableApi } from '../../test/processes/killable-api.ts'
import { endTask, nastyLine, newTask, storedLog, writeLines } from '../../test/task-log.ts'

const taskId = 'a-task-of-many-lines'

test('with Redis stopped mid-stream and started again, two processes deliver a log byte for byte', async () => {
  await using redis = await startRedisServer()
  await using stack = await startStack({ farmUrl: 'http://127.0.0.1:9', run: [] })
  const { store } = stack
  const env = { REDIS_SERVER: redis.server, REDIS_PASSWORD: redis.password }
  await using one = await startKillableApi(stack, 'api-one', env)
  await using other = await startKillableApi(stack, 'api-other', env)
  const token = (await readFile(bootstrapTokenFile(stack.config.dataFolder), 'utf8')).trim()
  // What a worker has too.
  await using live = redisLive({
    ...{ server: redis.server, password: redis.password },
    fallback: tailingLive({ lastSeqs: (taskIds) => store.tasks.lastSeqs(taskIds) }),
  })
  store.onTaskCommitted((id) => live.publish(id))
  await newTask(store, taskId, 1)
  for (const api of [one, other]) await liveIs(api, true)

  let cutting = true
  const followers = [one, other, one, other].map((_, at) => {
    let connections = at
    return followWithCuts({
      place: () => ({ url: (connections++ % 2 === 0 ? one : other).url, token, taskId }),
      random: seededRandom(at),
      cutting: () => cutting,
    })
  })
  const random = seededRandom(99)
  const moreCuts = async (count: number): Promise<void> => {
    const before = followers.map(({ cuts }) => cuts)
    while (followers.some(({ cuts }, at) => cuts < (before[at] ?? 0) + count)) {
      await writeLines(store, taskId, [nastyLine(random), nastyLine(random)])
      await sleep(10)
    }
  }
  await moreCuts(8)
  await redis.kill()
  for (const api of [one, other]) await liveIs(api, false)
  await moreCuts(8)
  await redis.start()
  for (const api of [one, other]) await liveIs(api, true)
  await moreCuts(8)
  await redis.kill()
  await writeLines(store, taskId, ['written the moment after Redis was gone'])
  cutting = false
  await endTask(store, taskId)

  const stored = await storedLog(store, taskId)
  for (const { followed } of followers) expect((await followed).log).toEqual(stored)
})

/** What the process says of its live events. */
async function liveIs({ url }: KillableApi, ok: boolean): Promise<void> {
  await eventually(async () => {
    const { parts } = (await (await fetch(`${url}/readyz`)).json()) as { parts: { part: string }[] }
    expect(parts.find(({ part }) => part === 'live events')).toMatchObject({
      ...{ ok, detail: expect.stringMatching(/^Redis at redis:.*127\.0\.0\.1:/) as string },
    })
  }, 50)
}
