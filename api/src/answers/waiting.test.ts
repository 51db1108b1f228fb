/** The synchronous pattern over a whole Wikistead at a scripted farm: who waits how long for what. */
import { eventually } from '@wikistead/test/eventually'
import { request } from 'node:http'
import { json, startScriptedFarm, type ScriptedFarm, type Trouble } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let stack: Stack
beforeAll(async () => {
  farm = started.use(await startScriptedFarm())
  stack = started.use(await startStack({ farmUrl: farm.url, settings: { 'create-wait': '20s' } }))
})
afterAll(() => started.disposeAsync())

const full = (label: string) => `${label}.wiki.localhost`
const create = (label: string, headers: Record<string, string> = {}) =>
  stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: label }, { headers })

/** Keeps the farm's answer about a site back until the test lets it go. */
function hold(label: string, method = 'POST') {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const held: (() => void)[] = []
  const trouble: Trouble = (response) => {
    held.push(() => json(method === 'POST' ? 201 : 200, site(label))(response))
    arrive()
  }
  farm.script({ method, domain: full(label), trouble, times: 1, acts: true })
  return { arrived, letGo: () => held.forEach((answer) => answer()) }
}
const site = (label: string) => ({ name: full(label), ...farm.sites.get(full(label)) })
const ended = (taskId: unknown) =>
  eventually(async () => {
    const { body } = await stack.call('GET', `/v1/tasks/${String(taskId)}`)
    expect(['succeeded', 'failed']).toContain(body['status'])
    return body
  })

describe('a creation at a scripted farm', () => {
  test('is waited for: 201, the wiki, and where it is', async () => {
    const { status, headers, body } = await create('waited')
    expect([status, body['status'], headers.get('preference-applied')]).toEqual([201, 'active', null])
    expect(headers.get('location')).toBe(`/v1/wikis/${String(body['id'])}`)
    expect(body).toMatchObject({
      ...{
        engine: 'fedwiki',
        address: full('waited'),
        name: full('waited'),
        url: `http://${full('waited')}`,
      },
      ...{
        serving: 'active',
        visibility: 'public',
        featured: false,
        custom_domain: false,
        purge_after: null,
      },
      ...{ task_id: null, owner: { name: 'Local admin' } },
    })
  })

  test('is not waited for when the client prefers so: 202, the task, and where it is', async () => {
    const held = hold('async')
    const { status, headers, body } = await create('async', { prefer: 'respond-async' })
    expect([status, headers.get('preference-applied')]).toEqual([202, 'respond-async'])
    expect(headers.get('location')).toBe(`/v1/tasks/${String(body['task_id'])}`)
    await held.arrived
    const wiki = await stack.call('GET', `/v1/wikis/${String(body['wiki_id'])}`)
    expect(wiki.body).toMatchObject({ status: 'creating', task_id: body['task_id'] })
    held.letGo()
    expect(await ended(body['task_id'])).toMatchObject({ status: 'succeeded', wiki_id: body['wiki_id'] })
  })

  test.each([
    ['wait=1', 'wait=1'],
    ['respond-async, wait=1', 'wait=1'],
    ['foo=bar, WAIT = "1"; x=y', 'wait=1'],
    ['wait=0', 'wait=0'],
  ])('Prefer: %s, and the end does not come: 202', async (prefer, applied) => {
    const label = `patience-${String(prefer.length)}-${applied.replace('=', '-')}`
    const held = hold(label)
    const { status, headers, body } = await create(label, { prefer })
    expect([status, headers.get('preference-applied')]).toEqual([202, applied])
    await held.arrived
    held.letGo()
    expect(await ended(body['task_id'])).toMatchObject({ status: 'succeeded' })
  })

  test('and the end comes within the wait: 201', async () => {
    const { status, headers } = await create('in-time', { prefer: 'wait=30' })
    expect([status, headers.get('preference-applied')]).toEqual([201, 'wait=30'])
  })

  test.each(['wait=-1', 'wait=x', 'wait=1.5', 'nonsense', ''])(
    'the preference %j means nothing and is not applied',
    async (prefer) => {
      const label = `odd-${String(prefer.length)}${prefer.slice(-1).replace(/\W/, '')}-x`
      const { status, headers } = await create(label, { prefer })
      expect([status, headers.get('preference-applied')]).toEqual([201, null])
    },
  )

  test('goes on when the client leaves', async () => {
    const held = hold('deserted')
    const asking = request(`${stack.url}/v1/wikis`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json' },
    })
    asking.on('error', () => undefined)
    asking.end(JSON.stringify({ engine: 'fedwiki', domain: 'deserted' }))
    await held.arrived
    asking.destroy()
    const wiki = await stack.store.wikis.byClaim('fedwiki', full('deserted'))
    // The leaving is noticed before the farm's answer comes.
    expect(await stack.call('GET', '/healthz')).toMatchObject({ status: 200 })
    held.letGo()
    expect(await ended(wiki?.task_id)).toMatchObject({ status: 'succeeded' })
    expect(farm.sites.has(full('deserted'))).toBe(true)
  })
})

describe('a repeated request at a scripted farm', () => {
  test('joins the wait of the first, and is answered the same after the end', async () => {
    const held = hold('keyed')
    const headers = { 'idempotency-key': 'k1' }
    const first = create('keyed', headers)
    await held.arrived
    const others = Array.from({ length: 9 }, () => create('keyed', headers))
    const early = await create('keyed', { ...headers, prefer: 'respond-async' })
    expect(early.status).toBe(202)
    held.letGo()
    const answers = await Promise.all([first, ...others])
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    answers.push(await create('keyed', headers))
    expect(
      new Set(answers.map(({ body, headers }) => JSON.stringify([body, headers.get('location')]))).size,
    ).toBe(1)
  })

  test('of one that failed gives the failure again, with its task', async () => {
    farm.script({ method: 'POST', domain: full('doomed'), trouble: json(400, {}) })
    const headers = { 'idempotency-key': 'k2' }
    const first = await create('doomed', headers)
    const again = await create('doomed', headers)
    expect(first).toMatchObject({ status: 502, body: { code: 'farm_rejected' } })
    expect(again).toMatchObject({
      status: 502,
      body: { ...first.body, request_id: again.body['request_id'] },
    })
  })

  test('of a deletion, a restoration and a change', async () => {
    const { body } = await create('changed')
    const path = `/v1/wikis/${String(body['id'])}`
    for (const [key, method, where, change] of [
      ['c', 'PATCH', path, { serving: 'readonly' }],
      ['d', 'DELETE', path, undefined],
      ['r', 'POST', `${path}/restore`, undefined],
    ] as const) {
      const ask = () => stack.call(method, where, change, { headers: { 'idempotency-key': key } })
      const [first, second] = [await ask(), await ask()]
      expect(first.status).toBe(200)
      expect(second).toMatchObject({ status: 200, body: first.body })
    }
    expect(await stack.store.tasks.list({ wikiId: Number(body['id']), limit: 10 })).toHaveLength(4)
  })
})

describe('deleting at a scripted farm', () => {
  test('is waited for like creating, and a deleted wiki that is deleted again stays restorable', async () => {
    const { body } = await create('kept')
    const path = `/v1/wikis/${String(body['id'])}`
    const held = hold('kept', 'DELETE')
    const accepted = await stack.call('DELETE', path, undefined, { headers: { prefer: 'respond-async' } })
    expect(accepted.status).toBe(202)
    await held.arrived
    const busy = await stack.call('PATCH', path, { serving: 'readonly', name: 'Renamed' })
    expect(busy).toMatchObject({ status: 409, body: { code: 'busy', task_id: accepted.body['task_id'] } })
    expect(await stack.call('POST', `${path}/restore`)).toMatchObject({ status: 409, body: { code: 'busy' } })
    held.letGo()
    await ended(accepted.body['task_id'])
    for (let times = 0; times < 3; times += 1) {
      expect(await stack.call('DELETE', path)).toMatchObject({
        ...{ status: 200, body: { status: 'archived', name: full('kept') } },
      })
    }
    expect(await stack.call('POST', `${path}/restore`)).toMatchObject({ status: 200 })
    expect(await stack.call('POST', `${path}/restore`)).toMatchObject({
      ...{ status: 409, body: { code: 'not_restorable', details: { status: 'active' } } },
    })
  })

  test('now=1 removes for good, from wherever it stands', async () => {
    for (const label of ['at-once', 'from-its-window']) {
      const { body } = await create(label)
      const path = `/v1/wikis/${String(body['id'])}`
      if (label === 'from-its-window') await stack.call('DELETE', path)
      for (let times = 0; times < 2; times += 1) {
        expect(await stack.call('DELETE', `${path}?now=1`)).toMatchObject({ body: { status: 'deleted' } })
      }
      expect(farm.sites.has(full(label))).toBe(false)
    }
  })
})

test('what a member writes survives, and goes nowhere as anything else, at a scripted farm', async () => {
  const names = [
    `Ada's "quoted" \\ {wiki} <b>&amp;</b> \${HOME} %s; DROP TABLE`,
    '🦊👩‍👩‍👧‍👦 e\u0301 \u200f\u202eשלום\u202c العربية 漢字',
    '<!--#exec cmd="ls"-->',
  ]
  for (const [index, name] of names.entries()) {
    const label = `written-${String(index)}`
    const made = await stack.call('POST', '/v1/wikis', {
      ...{ engine: 'fedwiki', domain: label, name, owner_name: name },
    })
    expect(made).toMatchObject({ status: 201, body: { name } })
    expect(farm.sites.get(full(label))?.owner).toEqual({
      name,
      oauth2: { id: 'wikistead-local-admin', username: name },
    })
    const path = `/v1/wikis/${String(made.body['id'])}`
    expect((await stack.call('PATCH', path, { name: `${name}!` })).body['name']).toBe(`${name}!`)
    const { body } = await stack.call('GET', `/v1/wikis?q=${encodeURIComponent(name)}`)
    expect(body['wikis']).toMatchObject([{ name: `${name}!` }])
  }
})
