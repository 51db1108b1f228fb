/** What a worker is not set up for it does not take, and what hangs at a farm fills no place that closing needs. */
import { eventually } from '@wikistead/test/eventually'
import { Client, Connection } from '@temporalio/client'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { loadConfig } from '@wikistead/config'
import { createLogger, runWorkerAlone, type WorkerExtras } from '@wikistead/server'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let stack: Stack
let temporal: Client

beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      ...{ farmUrl: farm.url, run: ['api'] },
      settings: {
        // Of a host that nobody serves here: its wikis are only closed.
        ...{ 'wikifarm-dir': '/nonexistent/wikis', 'wikifarm-oauth-dir': '/nonexistent/keys' },
        ...{ 'wikifarm-template': '/nonexistent/template', 'wiki-root-host': 'wikis.example' },
        ...{ 'wikifarm-runner': 'host', 'wiki-db-host': '127.0.0.1:1', 'wiki-db-admin-user': 'nobody' },
        ...{ 'wiki-db-admin-password': 'nothing', 'mediawiki-phase-patience': '10s' },
      },
    }),
  )
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

/** `wikistead worker`, with the farm or without. */
async function startWorker(setUp: 'with the farm' | 'without a farm', extras: WorkerExtras = {}) {
  const flags = Object.fromEntries(
    stack.flags.map((flag): [string, string] => {
      const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(flag) ?? []
      return [name, value]
    }),
  )
  const settings = Object.entries(flags).filter(
    ([name]) => setUp === 'with the farm' || !/^fedwiki-(farm|admin)-/.test(name),
  )
  const config = loadConfig({ flags: Object.fromEntries(settings), env: {} })
  return runWorkerAlone(config, { env: {}, logger: createLogger(config.logLevel) }, extras)
}

async function create(body: Record<string, unknown>): Promise<string> {
  const headers = { prefer: 'respond-async' }
  const answer = await stack.call('POST', '/v1/wikis', body, { headers })
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 202 })
  return String(answer.body['task_id'])
}

const createSite = (domain: string) => create({ engine: 'fedwiki', domain })

const end = (taskId: string, expected: Record<string, unknown>) =>
  eventually(async () => expect(await stack.store.tasks.get(taskId)).toMatchObject(expected))

/** Of each activity of the task that has begun, at which attempt it ended. */
async function attempts(taskId: string): Promise<Record<string, number>> {
  const { events = [] } = await temporal.workflow.getHandle(taskId).fetchHistory()
  const names = new Map<string, string>()
  const attempts: Record<string, number> = {}
  for (const { eventId, ...event } of events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: began } =
      event
    if (scheduled) names.set(String(eventId), scheduled.activityType?.name ?? '')
    if (began) attempts[names.get(String(began.scheduledEventId)) ?? ''] = began.attempt ?? 0
  }
  return attempts
}

test('a worker without the farm runs the workflow, and its activities wait for one that has it', async () => {
  const former = await createSite('before-any')
  await using _worker = await startWorker('without a farm')
  const later = await createSite('later')
  await eventually(async () => {
    for (const taskId of [former, later]) {
      const { raw } = await temporal.workflow.getHandle(taskId).describe()
      expect(raw.pendingActivities).toMatchObject([{ activityType: { name: 'CheckQuotaActivity' } }])
    }
  })
  await using _farmWorker = await startWorker('with the farm')
  for (const taskId of [former, later]) {
    await end(taskId, { status: 'succeeded' })
    expect(await attempts(taskId)).toEqual({ CheckQuotaActivity: 1, CreateFedWikiSiteActivity: 1 })
  }
})

test('a farm that hangs keeps no task from being closed', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let held = 0
  const hang: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      async execute(input, next) {
        if (info.activityType === 'CreateFedWikiSiteActivity') {
          held += 1
          await released
        }
        return next(input)
      },
    },
  })
  await using _farmWorker = await startWorker('with the farm', { interceptors: [hang] })
  // More than there are places for.
  const hung = await Promise.all(Array.from({ length: 12 }, (_, n) => createSite(`hung-${String(n)}`)))
  await eventually(() => expect(held).toBeGreaterThanOrEqual(8))
  await stack.store.hosts.beat('away', null)
  const closed = await create({ engine: 'mediawiki', name: 'Away', slug: 'away', language: 'en' })
  await end(closed, { status: 'failed', code: 'host_away' })
  release()
  for (const taskId of hung) await end(taskId, { status: 'succeeded' })
})
