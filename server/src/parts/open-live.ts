import type { Config } from '@wikistead/config'
import { redisLive, tailingLive, type LiveEvents, type TailingLive } from '@wikistead/live'
import type { Store } from '@wikistead/store'
import { readPem } from './authority-file.ts'
import type { Instance } from './instance.ts'

/** How often the store is asked by a process that is alone: for what somebody writes of whom nothing is known yet. */
const aloneIntervalMs = 1_000

/**
 * How processes wake each other: over Redis when there is one, else by asking the store. What this process commits is
 * published.
 */
export function openLive(config: Config, store: Store): LiveEvents {
  return choose(config, store, tail(store))
}

/** The same for a process that may be alone: then what it commits itself is nearly all there is. */
export async function openLiveWhereAlone(
  config: Config,
  store: Store,
  instance: Pick<Instance, 'isAlone' | 'onBeat'>,
): Promise<LiveEvents> {
  const tailing = tail(store)
  const live = choose(config, store, tailing)
  // Redis sets its own pace.
  if (config.redisServer !== undefined) return live
  let wasAlone: boolean | undefined
  await instance.onBeat(async () => {
    const alone = await instance.isAlone()
    if (alone === wasAlone) return
    wasAlone = alone
    // Either way it asks at once: what others wrote before we knew of them is found, too.
    tailing.pace(alone ? aloneIntervalMs : undefined)
  })
  return live
}

const tail = (store: Store): TailingLive =>
  tailingLive({ lastSeqs: (taskIds) => store.tasks.lastSeqs(taskIds) })

function choose(
  { redisServer, redisPassword, redisCaFile }: Config,
  store: Store,
  tailing: TailingLive,
): LiveEvents {
  const live =
    redisServer === undefined
      ? tailing
      : redisLive({
          server: redisServer,
          fallback: tailing,
          ca: readPem('redis-ca-file', redisCaFile),
          ...(redisPassword !== undefined && { password: redisPassword.reveal() }),
        })
  store.onTaskCommitted((taskId) => {
    live.publish(taskId)
  })
  return live
}
