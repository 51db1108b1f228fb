import { Readiness } from '@wikistead/contracts'
import { z } from 'zod'
import { describeStoreFault } from '@wikistead/store'
import type { ApiDeps, HealthPart } from '../deps.ts'
import type { Routes } from '../routes.ts'
import { shared } from './shared.ts'

const answerWithinMs = 3_000

/** Liveness and readiness, which need no user and tell no secret, and metrics. */
export function healthRoutes(routes: Routes, deps: ApiDeps): void {
  const { registry } = deps.metrics
  // Whoever asks meanwhile gets the same answer: however many ask, each part is asked by one of them.
  const now = shared(() => readiness(deps))
  const told = shared(() => registry.metrics())
  routes.get(
    '/healthz',
    {
      schema: {
        tags: ['operations'],
        summary: 'The process lives',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  )
  routes.get(
    '/readyz',
    {
      schema: {
        tags: ['operations'],
        summary: 'What is up and what is down',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const found = await now()
      return reply.code(found.status === 'down' ? 503 : 200).send(found)
    },
  )
  routes.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await told()),
  )
}

export async function readiness({ store, client, live, healthParts = [] }: ApiDeps): Promise<Readiness> {
  const { namespace } = client.options
  const storePart = await part(
    'store',
    'Start the database, or mend store-url.',
    async () => {
      // A replica, and a full disk, answer every question.
      await store.takeWrite()
      return store.engine
    },
    describeStoreFault,
  )
  const others = await Promise.all([
    part(
      'temporal',
      'Start Temporal, or mend temporal-address. Tasks wait until then; none is lost.',
      async () => {
        await client.connection.withDeadline(Date.now() + answerWithinMs, () =>
          client.workflowService.describeNamespace({ namespace }),
        )
        return `namespace ${namespace}`
      },
      (error) => (isMissing(error) ? missingNamespace(namespace) : undefined),
    ),
    Promise.resolve<HealthPart>({
      ...{ part: 'live events', ...live.health() },
      ...(!live.health().ok && {
        mend: 'Start Redis, or mend redis-server. Events are late until then; none is lost.',
      }),
    }),
    ...healthParts.map((check) => check()),
  ])
  const parts = [storePart, ...others]
  if (!storePart.ok) return { status: 'down', parts }
  return { status: parts.every(({ ok }) => ok) ? 'ready' : 'degraded', parts }
}

/** gRPC's `NOT_FOUND`. */
const isMissing = (error: unknown): boolean => (error as { readonly code?: unknown }).code === 5

const missingNamespace = (namespace: string) => ({
  detail: `it has no namespace ${namespace}`,
  mend: 'Run `wikistead temporal prepare`, or mend temporal-namespace. Tasks wait until then; none is lost.',
})

async function part(
  name: string,
  mend: string,
  check: () => Promise<string>,
  explain: (error: unknown) => { readonly detail: string; readonly mend: string } | undefined = () =>
    undefined,
): Promise<HealthPart> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, answerWithinMs, new Error('no answer'))
  })
  try {
    return { part: name, ok: true, detail: await Promise.race([check(), late]) }
  } catch (error) {
    return { part: name, ok: false, ...(explain(error) ?? { detail: 'does not answer', mend }) }
  } finally {
    clearTimeout(timer)
  }
}
