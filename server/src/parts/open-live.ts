import type { Config } from '@wikistead/config'
import { inProcessLive, redisLive, tailingLive, type LiveEvents } from '@wikistead/live'
import type { Store } from '@wikistead/store'

/**
 * How processes wake each other: over Redis when there is one, else by asking the store; `alone` says that every
 * writer lives in this process. What this process commits is published.
 */
export function openLive(config: Config, store: Store, alone: boolean): LiveEvents {
  const live = choose(config, store, alone)
  store.onTaskCommitted((taskId) => {
    live.publish(taskId)
  })
  return live
}

function choose({ redisServer, redisPassword }: Config, store: Store, alone: boolean): LiveEvents {
  if (redisServer === undefined && alone) return inProcessLive()
  const tailing = tailingLive({ lastSeqs: (taskIds) => store.tasks.lastSeqs(taskIds) })
  if (redisServer === undefined) return tailing
  return redisLive({
    server: redisServer,
    fallback: tailing,
    ...(redisPassword !== undefined && { password: redisPassword.reveal() }),
  })
}
