import type { ActivityInterceptorsFactory, NativeConnection, WorkerOptions } from '@temporalio/worker'
import { FailureInterceptor } from './failure-interceptor.ts'
import type { Store } from '@wikistead/store'
import { heartbeat } from './heartbeat.ts'
import { StoredInputInterceptor } from './stored-input.ts'

export interface WorkerPlace {
  readonly connection: NativeConnection
  readonly namespace: string
  /** Who this worker is in Temporal's eyes. */
  readonly identity?: string
  /** Stand around every activity, outside of our own. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[]
}

/** What was measured to be good, for every queue. */
export function workerSettings(
  { connection, namespace, identity, interceptors = [] }: WorkerPlace,
  store: Store,
) {
  return {
    connection,
    namespace,
    ...(identity !== undefined && { identity }),
    interceptors: {
      activity: [
        ...interceptors,
        heartbeat,
        ({ info }) => ({ inbound: new FailureInterceptor(info) }),
        ({ info }) => ({ inbound: new StoredInputInterceptor(store, info) }),
      ],
    },
    maxConcurrentActivityTaskExecutions: 8,
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  } satisfies Partial<WorkerOptions>
}
