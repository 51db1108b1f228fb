/** A workflow's history as Temporal kept it, made fit to be a file: without whose run it was. */
import { temporal } from '@temporalio/proto'

const { History } = temporal.api.history.v1
type History = temporal.api.history.v1.IHistory

export interface RecordedHistory {
  /** What `History.fromObject` reads; one event a line. */
  readonly json: string
  readonly workflowType: string
  readonly input: unknown
  /** Of one that completed. */
  readonly result: unknown
  /** e.g. `EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED` */
  readonly ending: string
  readonly activities: readonly ScheduledActivity[]
  /** What `patched()` said yes to, in its order. */
  readonly patches: readonly string[]
}

interface ScheduledActivity {
  readonly type: string
  /** Those that are set, in seconds. */
  readonly timeouts: Readonly<Record<string, number>>
  readonly retryPolicy: {
    /** Seconds. */
    readonly initialInterval: number
    readonly backoffCoefficient: number
    /** Seconds. */
    readonly maximumInterval: number
    /** 0: without end. */
    readonly maximumAttempts: number
    readonly nonRetryableErrorTypes: readonly string[]
  }
}

interface Event {
  readonly eventType: string
  readonly [attributes: string]: unknown
}

interface Attributes {
  readonly activityType?: { readonly name: string }
  readonly workflowType?: { readonly name: string }
  readonly retryPolicy?: {
    readonly initialInterval?: Duration
    readonly backoffCoefficient?: number
    readonly maximumInterval?: Duration
    readonly maximumAttempts?: number
    readonly nonRetryableErrorTypes?: readonly string[]
  }
  readonly input?: Payloads
  readonly result?: Payloads
  readonly details?: { readonly 'patch-data'?: Payloads }
  readonly [timeout: `${string}Timeout`]: Duration
}

interface Duration {
  readonly seconds?: string
}

interface Payloads {
  readonly payloads?: readonly { readonly data?: string }[]
}

export function readHistory(history: History | string): RecordedHistory {
  const text =
    typeof history === 'string'
      ? history
      : JSON.stringify(
          History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String }),
        )
  const { events } = JSON.parse(text, withoutWhose) as { readonly events: readonly Event[] }
  const [first] = events
  const last = events.at(-1)
  const started = attributesOf(first)
  return {
    json: `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`,
    workflowType: started.workflowType?.name ?? '',
    input: decoded(started.input),
    result: decoded(attributesOf(last).result),
    ending: last?.eventType ?? '',
    activities: events
      .filter(({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED')
      .map(scheduled),
    patches: events
      .map((event) => attributesOf(event).details?.['patch-data'])
      .filter((details) => details !== undefined)
      .map((details) => (decoded(details) as { readonly id: string }).id),
  }
}

/**
 * Names of processes and machines, paths of sources: nothing of it is needed to replay. `sdkMetadata` is: it says which
 * of the SDK's checks the history was made with.
 */
function withoutWhose(name: string, value: unknown): unknown {
  if (['identity', 'stackTrace', 'requestId', 'workerVersion'].includes(name)) return undefined
  // A worker's own queue is named after its machine.
  const isSticky = name === 'taskQueue' && (value as { kind?: string }).kind === 'TASK_QUEUE_KIND_STICKY'
  return isSticky ? { ...(value as object), name: 'sticky' } : value
}

function scheduled(event: Event): ScheduledActivity {
  const { activityType, retryPolicy, ...others } = attributesOf(event)
  const timeouts = Object.entries(others)
    .filter(([name]) => name.endsWith('Timeout'))
    .map(([name, duration]) => [name, seconds(duration as Duration)] as const)
  return {
    type: activityType?.name ?? '',
    timeouts: Object.fromEntries(timeouts.filter(([, value]) => value > 0)),
    retryPolicy: {
      initialInterval: seconds(retryPolicy?.initialInterval),
      backoffCoefficient: retryPolicy?.backoffCoefficient ?? 0,
      maximumInterval: seconds(retryPolicy?.maximumInterval),
      maximumAttempts: retryPolicy?.maximumAttempts ?? 0,
      nonRetryableErrorTypes: retryPolicy?.nonRetryableErrorTypes ?? [],
    },
  }
}

const seconds = (duration: Duration | undefined): number => Number(duration?.seconds ?? 0)

function attributesOf(event: Event | undefined): Attributes {
  const found = Object.entries(event ?? {}).find(([name]) => name.endsWith('EventAttributes'))
  return (found?.[1] ?? {}) as Attributes
}

function decoded(of: Payloads | undefined): unknown {
  const data = of?.payloads?.[0]?.data
  if (data === undefined || data === '') return undefined
  return JSON.parse(Buffer.from(data, 'base64').toString())
}
