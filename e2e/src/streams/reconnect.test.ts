/**
 * Clients that are cut off hundreds of times, between two API processes that are killed and come back, while logs grow:
 * what a client puts together is what the store holds, byte for byte.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrapTokenFile } from '@wikistead/server'
import { startStack } from '@wikistead/test/stack'
import { storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { followWithCuts, seededRandom, type CutFollower } from '../../test/cut-follower.ts'
import { startKillableApi } from '../../test/processes/killable-api.ts'
import { endTask, nastyLine, newTask, storedLog, writeLines } from '../../test/task-log.ts'

const tasks = ['first', 'second', 'third'] as const
const followersATask = 3
const cutsAFollower = 35

test.each(storeEngines)('over a store on %s', async (storeEngine) => {
  await using stack = await startStack({ farmUrl: 'http://127.0.0.1:9', storeEngine, run: [] })
  const { store } = stack
  // One after the other: they share the store's first migration and the token.
  await using one = await startKillableApi(stack, 'api-one')
  await using other = await startKillableApi(stack, 'api-other')
  const apis = [one, other]
  const token = (await readFile(bootstrapTokenFile(stack.config.dataFolder), 'utf8')).trim()
  for (const taskId of tasks) await newTask(store, taskId, 1)

  let cutting = true
  const followers = tasks.flatMap((taskId, t) =>
    Array.from({ length: followersATask }, (_, f) => {
      let connections = t + f
      return {
        taskId,
        follower: followWithCuts({
          place: () => ({ url: apis[connections++ % 2]?.url ?? '', token, taskId }),
          random: seededRandom(1_000 * t + f),
          cutting: () => cutting,
        }),
      }
    }),
  )
  const cuts = () => followers.reduce((sum, { follower }) => sum + follower.cuts, 0)
  const enough = ({ cuts }: CutFollower) => cuts >= cutsAFollower

  const killing = (async () => {
    const all = cutsAFollower * followers.length
    for (const [api, after] of [
      [one, all / 4],
      [other, all / 2],
    ] as const) {
      while (cuts() < after) await sleep(5)
      await api.kill()
    }
  })()
  let killed = false
  void killing.finally(() => (killed = true))

  const random = seededRandom(7)
  while (!killed || !followers.every(({ follower }) => enough(follower))) {
    for (const taskId of tasks) {
      await writeLines(
        store,
        taskId,
        Array.from({ length: 1 + Math.floor(random() * 8) }, () => nastyLine(random)),
      )
    }
    // Not so fast that nobody ever has to wait for the next event.
    await sleep(20)
  }
  cutting = false
  await killing
  for (const taskId of tasks) await endTask(store, taskId)

  let total = 0
  let inFrames = 0
  let losses = 0
  for (const { taskId, follower } of followers) {
    const followed = await follower.followed
    expect(followed.log).toEqual(await storedLog(store, taskId))
    total += followed.cuts
    inFrames += followed.cutsInFrames
    losses += followed.losses
  }
  expect(total).toBeGreaterThanOrEqual(300)
  expect(inFrames).toBeGreaterThanOrEqual(100)
  expect(losses).toBeGreaterThanOrEqual(2)
})
