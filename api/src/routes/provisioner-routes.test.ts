/** /provisioner/v1 as the extension's founders have it: each shape, its stream, and whose word counts there. */
import { startApiUnderTest, type ApiAnswer, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { hubWord, type HubAccount } from '@wikistead/test/hub-word'
import { afterAll, beforeAll, expect, test } from 'vitest'

const hub = 'https://hub.wikis.test'
const service = 'http://service.test'
const secret = 'a secret for the tests of provisioning 0123'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApiUnderTest({
    deps: {
      service: {
        keys: () => [new TextEncoder().encode(secret)],
        ...{ issuer: hub, audience: () => service },
      },
      mediawiki: {
        requireSlug: (slug) => slug,
        requireName: () => undefined,
        ...{ undoWindowMs: 0, rootHost: 'wikis.test', hubUrl: hub, languages: [] },
        ...{
          wikiLimit: 2,
          search: 'core',
          patienceMs: 60_000,
          wikiUrl: (slug) => `https://${slug}.wikis.test`,
        },
      },
    },
  })
  await api.store.hosts.beat('here', null)
})
afterAll(() => api[Symbol.asyncDispose]())

const ada: HubAccount = { id: 7, name: 'Ada', rights: ['create-wiki'] }
const grace: HubAccount = { id: 8, name: 'Grace', rights: ['create-wiki'] }
const reader: HubAccount = { id: 9, name: 'Reader', rights: [] }
const steward: HubAccount = { id: 10, name: 'Steward', rights: ['create-wiki', 'wikifarm-admin'] }

const word = (as: HubAccount, method: string, target: string, body: string, claims?: object): string =>
  hubWord({ url: hub, service, secret }, as, { method, target, body, claims })

interface Said {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly claims?: object
}

function ask(as: HubAccount, method: 'GET' | 'POST', path: string, { body, headers, claims }: Said = {}) {
  const target = `/provisioner/v1${path}`
  const text = body === undefined ? '' : JSON.stringify(body)
  const authorization = word(as, method, target, text, claims)
  return api.ask(method, target, {
    headers: { authorization, ...headers },
    ...(body !== undefined && { text }),
  })
}

const notes = (slug: string) => ({ name: 'Notes', slug, language: 'en', visibility: 'public' })
const refused = (answer: ApiAnswer) => [answer.status, answer.body['code']]

const over = (taskId: string) =>
  api.store.transaction(async ({ tasks }) => {
    const event = { type: 'status', status: 'failed', message: 'Over.', code: 'cancelled' } as const
    await tasks.append({ taskId, run: 1, event })
  })

test('POST /wikis answers 202 with the task, whose founder is the hub’s account', async () => {
  const answer = await ask(ada, 'POST', '/wikis', { body: notes('ada') })
  expect(answer).toMatchObject({
    status: 202,
    body: { task_id: expect.stringMatching(/^[\w-]{36}$/) as string },
  })
  const taskId = String(answer.body['task_id'])
  const task = await api.store.tasks.get(taskId)
  expect(JSON.parse(task.input)).toMatchObject({
    ...{ ownerName: 'Ada', ownerAccount: 7, slug: 'ada', isHub: false },
  })
  expect(await api.store.users.identities(task.user_id)).toEqual([{ issuer: hub, subject: '7' }])
  expect((await ask(ada, 'GET', `/tasks/${taskId}`)).body).toMatchObject({ id: taskId, status: 'queued' })
})

test('neither the engine nor the founder is the caller’s to choose', async () => {
  for (const more of [{ engine: 'fedwiki' }, { owner_name: 'Grace' }, { hub: true }, { owner_id: 1 }]) {
    const body = { ...notes('chosen'), ...more }
    expect(refused(await ask(ada, 'POST', '/wikis', { body }))).toEqual([400, 'invalid_request'])
  }
})

test('a repeated request is answered once more, under a token of its own', async () => {
  const said = { body: notes('again'), headers: { 'idempotency-key': 'once-more' } }
  const first = await ask(grace, 'POST', '/wikis', said)
  expect((await ask(grace, 'POST', '/wikis', said)).body).toEqual(first.body)
})

test('who may not create is refused, and so is who has reached the limit', async () => {
  expect(refused(await ask(reader, 'POST', '/wikis', { body: notes('reader') }))).toEqual([
    403,
    'scope_missing',
  ])
  expect((await ask(grace, 'POST', '/wikis', { body: notes('second') })).status).toBe(202)
  expect(refused(await ask(grace, 'POST', '/wikis', { body: notes('third') }))).toEqual([
    403,
    'quota_reached',
  ])
})

test('GET /wikis?featured=1&limit&offset answers {wikis, next_offset?}, to everybody', async () => {
  const owner = await api.user('Linus')
  for (const name of ['f1', 'f2', 'f3']) {
    const wiki = await api.wiki(owner, name, { engine: 'mediawiki', name })
    await api.store.wikis.change(wiki.wiki_id, { featured: 1 })
  }
  const hidden = await api.wiki(owner, 'f4', { engine: 'mediawiki', visibility: 'private' })
  await api.store.wikis.change(hidden.wiki_id, { featured: 1 })
  const page = (offset: number) => api.ask('GET', `/provisioner/v1/wikis?featured=1&limit=2&offset=${offset}`)
  const first = await page(0)
  expect(first.body).toEqual({
    wikis: [expect.objectContaining({ name: 'f3' }), expect.objectContaining({ name: 'f2' })],
    next_offset: 2,
  })
  expect((first.body['wikis'] as object[])[0]).toMatchObject({
    ...{ engine: 'mediawiki', address: 'f3', url: 'https://f3.wikis.test', status: 'active', featured: true },
    ...{ host: null, task_id: null },
  })
  expect((await page(2)).body).toEqual({ wikis: [expect.objectContaining({ name: 'f1' })] })
  expect((await page(9)).body).toEqual({ wikis: [] })
  for (const offset of [-1, 10_001]) {
    expect(refused(await page(offset))).toEqual([400, 'invalid_request'])
  }
})

test('GET /users/{id}/wikis is by the hub’s ids, for oneself and for who looks after the farm', async () => {
  const own = await ask(ada, 'GET', '/users/7/wikis')
  expect(own.body).toEqual({ wikis: [expect.objectContaining({ address: 'ada', status: 'creating' })] })
  expect(refused(await ask(grace, 'GET', '/users/7/wikis'))).toEqual([403, 'forbidden'])
  expect((await ask(steward, 'GET', '/users/7/wikis')).body).toEqual(own.body)
  expect((await ask(steward, 'GET', '/users/4711/wikis')).body).toEqual({ wikis: [] })
  expect(refused(await api.ask('GET', '/provisioner/v1/users/7/wikis'))).toEqual([401, 'unauthenticated'])
})

test('GET /tasks/{id}/events is the task’s stream: replayed from a cursor, ended after its status', async () => {
  const { body } = await ask(steward, 'POST', '/wikis', { body: notes('stream') })
  const taskId = String(body['task_id'])
  await api.store.transaction(async ({ tasks }) => {
    const progress = {
      type: 'progress',
      status: 'running',
      progress: 40,
      message: 'Half.',
      phase: 'oauth',
    } as const
    await tasks.append({ taskId, run: 1, event: progress })
  })
  const there = await ask(steward, 'GET', `/tasks/${taskId}/events?follow=0`)
  expect(there.headers).toMatchObject({ 'content-type': 'text/event-stream' })
  expect(there.text).toMatch(
    /^: open\n\nid: 1\nevent: progress\ndata: \{"type":"progress","status":"queued".*\n\nid: 2\n/,
  )
  const rest = await ask(steward, 'GET', `/tasks/${taskId}/events?follow=0`, {
    headers: { 'last-event-id': '1' },
  })
  expect(rest.text).toMatch(/^: open\n\nid: 2\nevent: progress\ndata: .*"phase":"oauth".*\n\n$/)
  const nothing = await ask(steward, 'GET', `/tasks/${taskId}/events?follow=0`, {
    headers: { 'last-event-id': '2' },
  })
  expect(nothing.text).toBe(': open\n\n')

  const following = ask(steward, 'GET', `/tasks/${taskId}/events`, { headers: { 'last-event-id': '2' } })
  await over(taskId)
  expect((await following).text).toMatch(/id: 3\nevent: status\ndata: .*"message":"Over\.".*\n\n$/)
  for (const path of [`/tasks/${taskId}`, `/tasks/${taskId}/events`]) {
    expect(refused(await ask(ada, 'GET', path))).toEqual([404, 'task_not_found'])
  }
})

test('POST /tasks/{id}/retry and /cancel are the task’s owner’s', async () => {
  const task = (await api.store.tasks.list({ limit: 50 })).find(({ input }) => input.includes('"slug":"ada"'))
  const taskId = task?.task_id ?? ''
  expect(refused(await ask(grace, 'POST', `/tasks/${taskId}/cancel`))).toEqual([404, 'task_not_found'])
  expect(refused(await ask(reader, 'POST', `/tasks/${taskId}/cancel`))).toEqual([403, 'scope_missing'])
  expect(refused(await ask(ada, 'POST', '/tasks/nosuch/retry'))).toEqual([404, 'task_not_found'])
})

test('GET /health needs nobody, and says what is down', async () => {
  const { status, body } = await api.ask('GET', '/provisioner/v1/health')
  expect([200, status]).toEqual([status, 200])
  expect(body).toMatchObject({ status: 'ready', parts: expect.arrayContaining([]) as unknown })
})

test('a token counts once, for the request that it was made for, with the body that it was made for', async () => {
  const target = '/provisioner/v1/users/7/wikis'
  const authorization = word(ada, 'GET', target, '')
  const get = (path: string) => api.ask('GET', path, { headers: { authorization } })
  expect(refused(await get('/provisioner/v1/users/8/wikis'))).toEqual([401, 'service_token_invalid'])
  expect(refused(await get(`${target}?limit=5`))).toEqual([401, 'service_token_invalid'])
  expect((await get(target)).status).toBe(200)
  expect(refused(await get(target))).toEqual([401, 'service_token_invalid'])

  const forBody = word(ada, 'POST', '/provisioner/v1/wikis', JSON.stringify(notes('one')))
  const swapped = await api.ask('POST', '/provisioner/v1/wikis', {
    ...{ headers: { authorization: forBody }, body: notes('two') },
  })
  expect(refused(swapped)).toEqual([401, 'service_token_invalid'])
  expect(await api.store.wikis.byClaim('mediawiki', 'two')).toBeUndefined()
  const spaced = await ask(ada, 'POST', '/wikis', { body: notes('one'), claims: { body: 'A'.repeat(43) } })
  expect(refused(spaced)).toEqual([401, 'service_token_invalid'])
})

test('at once, one of two with the same token is taken', async () => {
  const authorization = word(ada, 'GET', '/provisioner/v1/users/7/wikis', '')
  const get = () => api.ask('GET', '/provisioner/v1/users/7/wikis', { headers: { authorization } })
  const statuses = (await Promise.all([get(), get(), get(), get()])).map(({ status }) => status)
  expect(statuses.sort()).toEqual([200, 401, 401, 401])
})

test('nothing else says who asks: no plain header, no token of the API, no other scheme', async () => {
  const member = await api.user('Member')
  const target = '/provisioner/v1/users/7/wikis'
  for (const headers of [
    { 'x-user': 'Ada', 'x-user-id': '7', 'x-hub-user': '7', 'x-forwarded-user': 'Ada', 'x-mw-user-id': '7' },
    { cookie: `wikistead_session=${member.token}` },
  ]) {
    expect(refused(await api.ask('GET', target, { headers }))).toEqual([401, 'unauthenticated'])
  }
  for (const authorization of [`Bearer ${member.token}`, 'Basic QWRhOjc=', 'Bearer']) {
    expect(refused(await api.ask('GET', target, { headers: { authorization } }))).toEqual([
      401,
      'service_token_invalid',
    ])
  }
})

test('the hub’s word counts on /provisioner/v1 only', async () => {
  const authorization = word(ada, 'GET', '/v1/users/me', '')
  expect(refused(await api.ask('GET', '/v1/users/me', { headers: { authorization } }))).toEqual([
    401,
    'unauthenticated',
  ])
})

test('who is blocked here is refused also through the hub', async () => {
  const blocked: HubAccount = { id: 11, name: 'Blocked', rights: ['create-wiki'] }
  await ask(blocked, 'GET', '/users/11/wikis')
  const user = await api.store.users.byIdentity(hub, '11')
  await api.store.users.setBlocked(user?.user_id ?? 0, true)
  expect(refused(await ask(blocked, 'GET', '/users/11/wikis'))).toEqual([403, 'blocked'])
})

test('without a secret nobody’s word is taken', async () => {
  await using other = await startApiUnderTest()
  const authorization = word(ada, 'GET', '/provisioner/v1/users/7/wikis', '')
  const answer = await other.ask('GET', '/provisioner/v1/users/7/wikis', { headers: { authorization } })
  expect(refused(answer)).toEqual([401, 'service_token_invalid'])
})
