/** What a farm may do wrong, done by a scripted farm to the whole of Wikistead. */
import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client, Connection } from '@temporalio/client'
import { fedWikiSentences, sentences } from '@wikistead/contracts'
import { hurry } from '@wikistead/test/hurry'
import {
  halfABody,
  hangUp,
  json,
  page,
  silence,
  startScriptedFarm,
  type ScriptedFarm,
  type Trouble,
} from '@wikistead/test/scripted-farm'
import { startStack, type Answer, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const supportUrl = 'https://help.example.org/'
const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let stack: Stack
let temporal: Client
let storeFile: string

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-scripted-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  storeFile = join(folder, 'store.db')
  farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      farmUrl: farm.url,
      storePlace: { engine: 'sqlite', filename: storeFile },
      settings: { 'support-url': supportUrl, 'fedwiki-farm-timeout': '2s' },
      worker: { interceptors: [hurry(isSpent)] },
    }),
  )
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

/** Those creations that use up all of their attempts. */
const isSpent = (input: unknown) => JSON.stringify(input).includes('"spent-')

const full = (label: string) => `${label}.wiki.localhost`
const create = (label: string, headers: Record<string, string> = { prefer: 'wait=60' }) =>
  stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: label }, { headers })
const asked = (label: string, method: string) =>
  farm.requests.filter((request) => request.domain === full(label) && request.method === method)

interface FailedAttempt {
  readonly attempt: number
  readonly code: string
  readonly cause: string
  readonly next_attempt_at?: string
}

/** The events that tell of failed attempts. */
async function failedAttempts(taskId: string) {
  const events = await stack.store.tasks.eventsAfter(taskId, 0)
  return events
    .map(({ json }) => JSON.parse(json) as { phase?: string; failed_attempt?: FailedAttempt })
    .flatMap(({ phase, failed_attempt: failed }) => (failed === undefined ? [] : [{ phase, ...failed }]))
}

const taskOf = ({ body }: Answer) => String(body['task_id'])

/** The task that made the wiki. */
async function creator(answer: Answer): Promise<string> {
  const [task] = await stack.store.tasks.list({ wikiId: Number(answer.body['id']), limit: 1 })
  return task?.task_id ?? ''
}

/** Nothing is left of the creation: no site, no claim, nothing to undo, and the name can be had. */
async function expectNothingLeft(label: string, taskId: string): Promise<void> {
  expect(farm.sites.has(full(label))).toBe(false)
  expect(await stack.store.wikis.byClaim('fedwiki', full(label))).toBeUndefined()
  expect(await stack.store.ledger.open(taskId)).toEqual([])
  expect(await stack.call('GET', `/v1/names/fedwiki/${label}`)).toMatchObject({ body: { state: 'free' } })
  farm.heal(full(label))
  expect((await create(label)).status).toBe(201)
}

describe('a final answer of a scripted farm', () => {
  test.concurrent.each([
    [401, 502, 'farm_unauthorized', 'Authentication failed. Please contact support.'],
    [403, 502, 'farm_forbidden', "You don't have permission to perform this action."],
    [409, 409, 'farm_conflict', 'A site with this name already exists. Please choose a different name.'],
    [400, 502, 'farm_rejected', fedWikiSentences.farm_rejected],
    [402, 502, 'farm_rejected', fedWikiSentences.farm_rejected],
    [410, 502, 'farm_rejected', fedWikiSentences.farm_rejected],
    [422, 502, 'farm_rejected', fedWikiSentences.farm_rejected],
  ])('%i is asked once, answered as %i %s, and undone', async (theirs, ours, code, sentence) => {
    const label = `final-${String(theirs)}`
    farm.script({ method: 'POST', domain: full(label), trouble: json(theirs, { error: 'no' }) })
    const answer = await create(label)
    expect(answer).toMatchObject({
      status: ours,
      body: { type: `/problems/${code}`, status: ours, code, detail: sentence, support_url: supportUrl },
    })
    expect(asked(label, 'POST')).toHaveLength(1)
    const result: unknown = await temporal.workflow.getHandle(taskOf(answer)).result()
    expect(result).toEqual({ success: false, errorMessage: sentence, supportUrl })
    expect(await stack.store.tasks.get(taskOf(answer))).toMatchObject({
      ...{ status: 'failed', code, message: sentence, support_url: supportUrl },
    })
    const ended = (await stack.store.tasks.eventsAfter(taskOf(answer), 0)).at(-1)
    expect(JSON.parse(ended?.json ?? '')).toMatchObject({ status: 'failed', message: sentence })
    await expectNothingLeft(label, taskOf(answer))
  })

  test.each([401, 403])(
    '%i raises an alarm for operators, which a list that is answered clears',
    async (status) => {
      await stack.store.alarms.clear('farm_credentials', 'fedwiki')
      const label = `alarm-${String(status)}`
      farm.script({ domain: full(label), trouble: json(status, {}) })
      await create(label)
      const { body: open } = await stack.call<{ alarms: { code: string; mend: string }[] }>(
        'GET',
        '/v1/alarms',
      )
      expect(open.alarms).toContainEqual(
        expect.objectContaining({
          code: 'farm_credentials',
          mend: expect.stringContaining('fedwiki-admin-token') as string,
        }),
      )
      const { body } = await stack.call('POST', '/v1/fedwiki/sync/trigger', {})
      await eventually(async () =>
        expect(await stack.store.tasks.get(String(body['task_id']))).toMatchObject({ status: 'succeeded' }),
      )
      expect(await stack.store.alarms.open('farm_credentials')).toEqual([])
    },
  )
})

describe('an answer of a scripted farm that is worth another try', () => {
  const troubles: [string, Trouble, RegExp][] = [
    ['408', json(408, {}), /in trouble \(408\)/],
    ['429', json(429, {}), /fewer requests \(429\)/],
    ['500', json(500, {}), /in trouble \(500\)/],
    ['503', json(503, {}), /in trouble \(503\)/],
    ['503 with no wait', json(503, {}, { 'retry-after': '0' }), /in trouble \(503\)/],
    ['an HTML page', page(200), /not one of FarmManager's/],
    ['an HTML 404', page(404), /does not serve FarmManager/],
    ['a redirect', json(302, {}, { location: 'http://elsewhere.example/' }), /redirect \(302\)/],
    ['half a body', halfABody, /broke off before its answer was complete/],
    ['a broken connection', hangUp, /broke off before its answer was complete/],
    ['silence', silence, /did not answer in time/],
  ]
  test.concurrent.each(troubles)(
    '%s: each failed attempt is told, then it is made once',
    async (name, trouble, words) => {
      const label = `again-${name.toLowerCase().replaceAll(' ', '-')}`
      // A 404 that is not FarmManager's is asked again at once, within the same attempt.
      const times = name === 'an HTML 404' ? 4 : 2
      farm.script({ method: 'POST', domain: full(label), trouble, times })
      const answer = await create(label)
      expect(answer).toMatchObject({ status: 201, body: { address: full(label), status: 'active' } })
      const failed = await failedAttempts(await creator(answer))
      expect(failed).toEqual(
        [1, 2].map((attempt) => ({
          ...{ phase: 'create_site', attempt, code: 'farm_unavailable' },
          cause: expect.stringMatching(words) as string,
          next_attempt_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        })),
      )
      expect(asked(label, 'POST')).toHaveLength(times + 1)
      expect(farm.sites.get(full(label))?.owner).toMatchObject({ oauth2: { id: 'wikistead-local-admin' } })
    },
  )

  test.concurrent.each([
    ['half a body', halfABody],
    ['a broken connection', hangUp],
    ['silence', silence],
    ['503', json(503, {})],
  ])('%s after the site was made: the next attempt takes it for ours', async (name, trouble) => {
    const label = `lost-${name.replaceAll(' ', '-')}`
    farm.script({ method: 'POST', domain: full(label), trouble, times: 1, acts: true })
    expect(await create(label)).toMatchObject({ status: 201, body: { address: full(label) } })
    expect(asked(label, 'POST')).toHaveLength(1)
  })

  test.concurrent('Retry-After is honoured and told', async () => {
    farm.script({
      ...{ method: 'POST', domain: full('patient'), times: 1 },
      trouble: json(429, {}, { 'retry-after': '3' }),
    })
    const answer = await create('patient')
    expect(answer.status).toBe(201)
    const [first, second] = asked('patient', 'POST')
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3_000)
    const taskId = await creator(answer)
    const history = await temporal.workflow.getHandle(taskId).fetchHistory()
    const retried = history.events?.flatMap(
      (event) => event.activityTaskStartedEventAttributes?.lastFailure?.applicationFailureInfo ?? [],
    )
    expect(retried).toMatchObject([{ nextRetryDelay: { nanos: 0 } }])
    expect(Number(retried?.[0]?.nextRetryDelay?.seconds)).toBe(3)
    const [failed] = await failedAttempts(taskId)
    const { created_at: createdAt } = await stack.store.tasks.get(taskId)
    expect(Date.parse(failed?.next_attempt_at ?? '') - createdAt).toBeGreaterThanOrEqual(3_000)
  })
})

describe('when all eight attempts are spent on a scripted farm', () => {
  test.concurrent.each([
    ['before it was asked for the site', 'GET'],
    ['and it never made the site', 'POST'],
  ])('%s: the task fails with its sentence, and the name is free again', async (_, method) => {
    const label = `spent-${method.toLowerCase()}`
    farm.script({ method, domain: full(label), trouble: json(503, {}), times: 8 })
    const answer = await create(label)
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'farm_unavailable', detail: fedWikiSentences.farm_unavailable, support_url: supportUrl },
    })
    expect(asked(label, 'POST')).toHaveLength(method === 'POST' ? 8 : 0)
    const failed = await failedAttempts(taskOf(answer))
    expect(failed.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(failed.map(({ next_attempt_at: next }) => next !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(await temporal.workflow.getHandle(taskOf(answer)).result()).toEqual({
      ...{ success: false, errorMessage: fedWikiSentences.farm_unavailable, supportUrl },
    })
    await expectNothingLeft(label, taskOf(answer))
  })

  test.concurrent('and it had made the site without our hearing of it: it is taken away again', async () => {
    const [label, trouble] = ['spent-unheard', json(503, {})]
    // The first look is answered; then the site is made, and nothing is heard until the rollback.
    farm.script({
      method: 'GET',
      domain: full(label),
      trouble: json(404, { error: 'Site not found' }),
      times: 1,
    })
    farm.script({ method: 'POST', domain: full(label), trouble, acts: true })
    farm.script({ method: 'GET', domain: full(label), trouble, times: 7 })
    const answer = await create(label)
    expect(answer).toMatchObject({ status: 503, body: { code: 'farm_unavailable' } })
    expect(asked(label, 'DELETE')).toHaveLength(1)
    await expectNothingLeft(label, taskOf(answer))
  })
})

test('a creation that our own database never takes does not put it on the farm', async () => {
  using database = new DatabaseSync(storeFile, { timeout: 20_000 })
  database.exec(
    `CREATE TRIGGER no_site BEFORE INSERT ON wikifarm_ledger WHEN new.detail LIKE '%"spent-store.%'
     BEGIN SELECT raise(abort, 'as a full disk would'); END`,
  )
  const answer = await create('spent-store')
  expect(answer).toMatchObject({
    ...{ status: 503, body: { code: 'store_unavailable', detail: sentences.store_unavailable } },
  })
  const failed = await failedAttempts(taskOf(answer))
  expect(failed.map(({ code }) => code)).toEqual(Array<string>(8).fill('store_unavailable'))
  expect(asked('spent-store', 'POST')).toHaveLength(0)
  database.exec('DROP TRIGGER no_site')
  await expectNothingLeft('spent-store', taskOf(answer))
})

describe('a scripted farm that cannot be reached', () => {
  test('and comes back: the task waited, and says so', async () => {
    await farm.goAway()
    const accepted = await create('waiting', { prefer: 'respond-async' })
    expect(accepted.status).toBe(202)
    await eventually(async () => expect(await failedAttempts(taskOf(accepted))).toHaveLength(2))
    expect(await failedAttempts(taskOf(accepted))).toMatchObject(
      [1, 2].map((attempt) => ({ attempt, cause: 'The farm could not be reached (ECONNREFUSED).' })),
    )
    expect(await stack.call('GET', `/v1/tasks/${taskOf(accepted)}`)).toMatchObject({
      body: { status: 'running', phase: 'create_site' },
    })
    await farm.comeBack()
    expect(await create('waiting')).toMatchObject({ status: 409, body: { code: 'name_taken' } })
    await eventually(async () =>
      expect(await stack.store.tasks.get(taskOf(accepted))).toMatchObject({ status: 'succeeded' }),
    )
    expect(asked('waiting', 'POST')).toHaveLength(1)
  })

  test('while it works on the request: whatever it did, there is one site in the end', async () => {
    for (const [label, acts] of [
      ['cut-before', false],
      ['cut-after', true],
    ] as const) {
      farm.script({ method: 'POST', domain: full(label), trouble: silence, times: 1, acts })
      const answering = create(label)
      await eventually(() => expect(asked(label, 'POST')).toHaveLength(1))
      await farm.goAway()
      await farm.comeBack()
      expect(await answering).toMatchObject({ status: 201, body: { address: full(label) } })
      expect(asked(label, 'POST')).toHaveLength(acts ? 1 : 2)
    }
  })
})

describe('deleting at a scripted farm', () => {
  const remove = ({ body }: Answer) => stack.call('DELETE', `/v1/wikis/${String(body['id'])}`)

  test.concurrent('FarmManager’s own 404 is what was wanted', async () => {
    const made = await create('gone-already')
    farm.sites.delete(full('gone-already'))
    expect(await remove(made)).toMatchObject({ status: 200, body: { status: 'deleted' } })
    expect(asked('gone-already', 'DELETE')).toHaveLength(1)
    expect(await stack.call('GET', '/v1/names/fedwiki/gone-already')).toMatchObject({
      body: { state: 'free' },
    })
  })

  test.concurrent('a 404 page is not: it is tried again', async () => {
    const made = await create('still-there')
    farm.script({ method: 'DELETE', domain: full('still-there'), trouble: page(404), times: 2 })
    const deleted = await remove(made)
    expect(deleted).toMatchObject({ status: 200, body: { status: 'archived' } })
    expect(farm.sites.get(full('still-there'))?.status).toBe('archived')
    const [task] = await stack.store.tasks.list({ wikiId: Number(made.body['id']), limit: 1 })
    expect(await failedAttempts(task?.task_id ?? '')).toMatchObject([{ phase: 'delete_site', attempt: 1 }])
  })

  test.concurrent('a refused one leaves the site and its row as they were', async () => {
    const made = await create('refused')
    farm.script({ method: 'DELETE', domain: full('refused'), trouble: json(403, {}) })
    expect(await remove(made)).toMatchObject({ status: 502, body: { code: 'farm_forbidden' } })
    expect(farm.sites.get(full('refused'))?.status).toBe('active')
    expect(await stack.store.wikis.get(Number(made.body['id']))).toMatchObject({
      ...{ status: 'active', task_id: null, claim: full('refused') },
    })
  })
})
