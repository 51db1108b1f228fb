/**
 * Each workflow, in every way that it ends, against a scripted farm: the history that Temporal kept is compared with
 * the founding document, and with the recording of it that `workflows/src/replay.test.ts` replays. With
 * WIKISTEAD_RECORD_HISTORIES set (`npm run record-histories`) those that go another way now are recorded beside them.
 */
import { eventually } from '@wikistead/test/eventually'
import { Client, Connection } from '@temporalio/client'
import { fedWikiSentences, sentences } from '@wikistead/contracts'
import { hurry } from '@wikistead/test/hurry'
import {
  json,
  silence,
  startScriptedFarm,
  type ScriptedFarm,
  type Trouble,
} from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readHistory, type RecordedHistory } from '../../test/recorded-history.ts'
import { record, recordedHistory, wayOf } from '../../test/recordings.ts'

const recording = process.env['WIKISTEAD_RECORD_HISTORIES'] !== undefined
const supportUrl = 'https://help.example.org/'
const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let stack: Stack
let temporal: Client
/** By the names of the scenarios. */
const histories = new Map<string, RecordedHistory>()

beforeAll(async () => {
  farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      farmUrl: farm.url,
      settings: { 'support-url': supportUrl },
      worker: { interceptors: [hurry(() => true)] },
    }),
  )
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

const full = (label: string) => `${label}.wiki.localhost`

/** A wiki that the scripted farm has, made through the API. */
async function made(label: string): Promise<number> {
  const { body } = await stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: label })
  return Number(body['id'])
}
async function archived(label: string): Promise<number> {
  const id = await made(label)
  await stack.call('DELETE', `/v1/wikis/${String(id)}`)
  return id
}

/** The task of a request that is not waited for. */
async function taskOf(method: string, path: string, body?: unknown): Promise<string> {
  const answer = await stack.call(method, path, body, { headers: { prefer: 'respond-async' } })
  return String(answer.body['task_id'])
}
const create = (label: string) => taskOf('POST', '/v1/wikis', { engine: 'fedwiki', domain: label })
const trouble = (label: string, method: string, status: number) =>
  farm.script({ method, domain: label === '' ? '' : full(label), trouble: json(status, {}) })

/** Cancels the task while the scripted farm is silent. */
async function cancelled(label: string, method: string, start: () => Promise<string>): Promise<string> {
  farm.script({ method, domain: full(label), trouble: silence, times: 1, acts: true })
  const before = farm.requests.length
  const taskId = await start()
  await eventually(() =>
    expect(
      farm.requests.slice(before).some((ask) => ask.domain === full(label) && ask.method === method),
    ).toBe(true),
  )
  await stack.call('POST', `/v1/tasks/${taskId}/cancel`)
  return taskId
}

/** Temporal names a sync by the second that it starts in: one more within it would be the same. */
async function syncAnew(): Promise<string> {
  const second = Math.floor(Date.now() / 1_000)
  await eventually(() => expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(second))
  return taskOf('POST', '/v1/fedwiki/sync/trigger', {})
}

/** Someone starts a workflow without the API. */
async function startDirectly(type: string, workflowId: string, input: unknown): Promise<string> {
  await temporal.workflow.start(type, { taskQueue: 'wikistead', workflowId, args: [input] })
  return workflowId
}

const ok = { success: true }
const refused = (errorMessage: string) => ({ success: false, errorMessage, supportUrl })
const withId = { siteId: expect.any(Number) as number }
const syncTimestamp = expect.stringMatching(/^\d{4}-.*Z$/) as string

/** What is run, and what the workflow gives; undefined for one that ends as cancelled. */
const scenarios: Record<string, [() => Promise<string>, unknown]> = {
  create: [() => create('created'), { ...ok, ...withId, domain: full('created') }],
  'create-conflict': [
    () => (trouble('conflict', 'POST', 409), create('conflict')),
    refused('A site with this name already exists. Please choose a different name.'),
  ],
  'create-forbidden': [
    () => (trouble('forbidden', 'POST', 403), create('forbidden')),
    refused("You don't have permission to perform this action."),
  ],
  'create-unauthorized': [
    () => (trouble('unauthorized', 'POST', 401), create('unauthorized')),
    refused('Authentication failed. Please contact support.'),
  ],
  'create-without-a-place': [
    async () => {
      const { body } = await stack.call<{ user: { id: number } }>('POST', '/v1/users', {
        ...{ name: 'Grace', subject: 'sub-of-grace', site_limit: 0 },
      })
      return startDirectly('CreateFedWikiSiteWorkflow', 'without-a-place', {
        ...{ userId: body.user.id, domain: 'no-place', ownerName: 'Grace', ownerId: 'sub-of-grace' },
        ...{ isCustomDomain: false, supportUrl },
      })
    },
    refused('You may not create sites on this farm. Ask an operator for a place.'),
  ],
  'create-with-attempts-spent': [
    () => (trouble('spent', 'POST', 503), create('spent')),
    refused(fedWikiSentences.farm_unavailable),
  ],
  'create-cancelled': [() => cancelled('cancelled', 'POST', () => create('cancelled')), undefined],
  'create-rolled-back-in-part': [
    () => {
      // The farm stops halfway: its site has pages and nobody who owns it.
      const half: Trouble = (response) => {
        farm.sites.set(full('in-part'), { owner: {}, status: 'active', pages: 1 })
        json(503, {})(response)
      }
      farm.script({ method: 'POST', domain: full('in-part'), trouble: half, times: 1 })
      return create('in-part')
    },
    refused(sentences.rollback_incomplete),
  ],
  'finish-rollback': [
    async () => {
      farm.sites.delete(full('in-part'))
      const [task] = await stack.store.tasks.rollbackIncomplete(Date.now(), -1_000)
      return startDirectly('FinishRollbackWorkflow', `${task?.task_id ?? ''}/rollback`, task?.task_id)
    },
    null,
  ],
  delete: [async () => taskOf('DELETE', `/v1/wikis/${String(await made('deleted'))}`), ok],
  'delete-of-what-is-gone': [
    async () => {
      const id = await made('gone')
      farm.sites.delete(full('gone'))
      return taskOf('DELETE', `/v1/wikis/${String(id)}`)
    },
    ok,
  ],
  'delete-forbidden': [
    async () => {
      const id = await made('kept')
      trouble('kept', 'DELETE', 403)
      return taskOf('DELETE', `/v1/wikis/${String(id)}`)
    },
    refused("You don't have permission to perform this action."),
  ],
  'delete-cancelled': [
    async () => {
      const id = await made('regretted')
      return cancelled('regretted', 'DELETE', () => taskOf('DELETE', `/v1/wikis/${String(id)}`))
    },
    undefined,
  ],
  restore: [async () => taskOf('POST', `/v1/wikis/${String(await archived('restored'))}/restore`), ok],
  'restore-of-what-is-lost': [
    async () => {
      const id = await archived('lost')
      farm.sites.delete(full('lost'))
      return taskOf('POST', `/v1/wikis/${String(id)}/restore`)
    },
    refused(`The farm no longer has ${full('lost')}, so it cannot be restored.`),
  ],
  suspend: [
    async () => taskOf('PUT', `/v1/wikis/${String(await made('suspended'))}/suspension`, { reason: 'Spam.' }),
    ok,
  ],
  'suspend-forbidden': [
    async () => {
      const path = `/v1/wikis/${String(await made('unsuspended'))}/suspension`
      trouble('unsuspended', 'PATCH', 403)
      return taskOf('PUT', path, { reason: 'Spam.' })
    },
    refused("You don't have permission to perform this action."),
  ],
  'lift-suspension': [
    async () => {
      const path = `/v1/wikis/${String(await made('lifted'))}/suspension`
      await stack.call('PUT', path, { reason: 'Spam.' })
      return taskOf('DELETE', path)
    },
    ok,
  ],
  purge: [async () => taskOf('DELETE', `/v1/wikis/${String(await archived('purged'))}?now=1`), ok],
  'purge-forbidden': [
    async () => {
      const id = await archived('unpurged')
      trouble('unpurged', 'DELETE', 403)
      return taskOf('DELETE', `/v1/wikis/${String(id)}?now=1`)
    },
    refused("You don't have permission to perform this action."),
  ],
  change: [
    async () => taskOf('PATCH', `/v1/wikis/${String(await made('changed'))}`, { serving: 'readonly' }),
    ok,
  ],
  'change-forbidden': [
    async () => {
      const id = await made('unchanged')
      farm.script({ method: 'PATCH', domain: full('unchanged'), trouble: json(403, {}), times: 1 })
      return taskOf('PATCH', `/v1/wikis/${String(id)}`, { serving: 'readonly' })
    },
    refused("You don't have permission to perform this action."),
  ],
  sync: [
    () => syncAnew(),
    {
      ...{ success: true, sitesFound: expect.any(Number) as number, sitesAdded: 0, syncTimestamp },
      sitesRemoved: expect.any(Number) as number,
    },
  ],
  'sync-untrusted': [
    async () => {
      await made('believed')
      farm.script({ method: 'GET', domain: '', trouble: json(200, []), times: 1 })
      return syncAnew()
    },
    {
      ...{ success: false, sitesFound: 0, sitesAdded: 0, sitesRemoved: 0, syncTimestamp },
      errorMessage: expect.stringContaining('Nothing was changed.') as string,
    },
  ],
  'sync-unauthorized': [
    () => {
      farm.script({ method: 'GET', domain: '', trouble: json(401, {}), times: 1 })
      return syncAnew()
    },
    {
      ...{ success: false, sitesFound: 0, sitesAdded: 0, sitesRemoved: 0, syncTimestamp },
      errorMessage: 'Authentication failed. Please contact support.',
    },
  ],
}

describe('with a scripted farm', () => {
  test.each(Object.entries(scenarios))(
    '%s ends as it must, and as it was recorded',
    async (name, [run, result]) => {
      const workflowId = await run()
      const handle = temporal.workflow.getHandle(workflowId)
      // A 202 is given before Temporal has heard of the task.
      await eventually(() => handle.describe())
      const ended: unknown = await handle.result().catch((error: unknown) => error)
      if (result === undefined) expect(ended).toMatchObject({ cause: { name: 'CancelledFailure' } })
      else expect(ended).toEqual(result === null ? undefined : result)
      const history = readHistory(await handle.fetchHistory())
      histories.set(name, history)
      if (recording) await record(name, history)
      expect(wayOf(history)).toEqual(wayOf(await recordedHistory(name)))
    },
  )
})

describe('the histories of a scripted farm are as the founding document has them', () => {
  const of = (name: string) => histories.get(name) ?? { activities: [], input: undefined, workflowType: '' }

  test('every farm activity: 5 minutes, 1 s × 2 up to 5 minutes, 8 attempts, FarmManagerAPIError final', () => {
    for (const [scenario, type] of [
      ['create', 'CreateFedWikiSiteActivity'],
      ['delete', 'DeleteFedWikiSiteActivity'],
      ['sync', 'ListFedWikiSitesActivity'],
    ] as const) {
      const activity = of(scenario).activities.find((one) => one.type === type)
      expect(activity?.timeouts['startToCloseTimeout']).toBe(300)
      expect(activity?.timeouts['scheduleToCloseTimeout']).toBeUndefined()
      expect(activity?.retryPolicy).toEqual({
        ...{ initialInterval: 1, backoffCoefficient: 2, maximumInterval: 300, maximumAttempts: 8 },
        nonRetryableErrorTypes: ['FarmManagerAPIError'],
      })
    }
  })

  test('every local activity: 30 seconds, 1 s × 2 up to 30 seconds, 3 attempts', () => {
    for (const [scenario, type] of [
      ['create', 'CheckQuotaActivity'],
      ['sync', 'SyncSitesToDBActivity'],
    ] as const) {
      const activity = of(scenario).activities.find((one) => one.type === type)
      expect(activity?.timeouts['startToCloseTimeout']).toBe(30)
      expect(activity?.retryPolicy).toEqual({
        ...{ initialInterval: 1, backoffCoefficient: 2, maximumInterval: 30, maximumAttempts: 3 },
        nonRetryableErrorTypes: [],
      })
    }
  })

  test('the activities of each workflow, in their order', () => {
    const types = (name: string) => of(name).activities.map(({ type }) => type)
    expect(types('create')).toEqual(['CheckQuotaActivity', 'CreateFedWikiSiteActivity'])
    expect(types('delete')).toEqual(['DeleteFedWikiSiteActivity'])
    expect(types('sync')).toEqual(['ListFedWikiSitesActivity', 'SyncSitesToDBActivity'])
    expect(types('create-conflict')).toEqual([...types('create'), 'RollbackFedWikiTaskActivity'])
  })

  test('the inputs of the workflows', () => {
    expect(of('create')).toMatchObject({ workflowType: 'CreateFedWikiSiteWorkflow' })
    expect(of('create').input).toEqual({
      ...{ userId: 1, domain: full('created'), ownerName: 'Local admin', ownerId: 'wikistead-local-admin' },
      ...{ isCustomDomain: false, supportUrl },
    })
    expect(of('delete')).toMatchObject({ workflowType: 'DeleteFedWikiSiteWorkflow' })
    expect(of('delete').input).toEqual({ userId: 1, domain: full('deleted'), supportUrl })
    expect(of('sync')).toMatchObject({ workflowType: 'SyncFedWikiSitesWorkflow' })
    expect(of('sync').input).toEqual({ defaultUserId: 1 })
  })
})
