/** Every error is an `application/problem+json` with a stable code, whoever found it. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Problem } from '@wikistead/contracts'
import {
  startApiUnderTest,
  testSupportUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let api: ApiUnderTest
let ada: Asker
let bob: Asker
let operator: Asker
let admin: Asker
beforeAll(async () => {
  api = await startApiUnderTest()
  ada = await api.user('ada')
  bob = await api.user('bob')
  operator = await api.user('olga', 'operator')
  admin = await api.user('root', 'admin')
})
afterAll(() => api[Symbol.asyncDispose]())

type Asked = Awaited<ReturnType<ApiUnderTest['ask']>>

function expectProblem({ status, headers, body }: Asked, wanted: number, code: string): void {
  expect([status, body['code']]).toEqual([wanted, code])
  expect(headers['content-type']).toBe('application/problem+json')
  expect(Problem.strict().parse(body)).toMatchObject({
    ...{ type: `/problems/${code}`, status: wanted, support_url: testSupportUrl },
    title: expect.stringMatching(/\w/) as string,
    detail: expect.stringMatching(/\w/) as string,
    request_id: expect.stringMatching(/\w/) as string,
  })
}

const site = (more: object = {}) => ({ engine: 'fedwiki', domain: 'notes', ...more })
const post = (body: unknown, as = ada) => api.ask('POST', '/v1/wikis', { as, body })

describe('400', () => {
  test('names every field that is wrong', async () => {
    const answer = await post(site({ domain: '', name: 'x'.repeat(201), custom_domain: 'yes' }))
    expectProblem(answer, 400, 'invalid_request')
    const { problems = [] } = Problem.parse(answer.body)
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'body/custom_domain',
      'body/domain',
      'body/name',
    ])
    for (const { message } of problems) expect(message).toMatch(/\w/)
  })

  test.each([
    ['a body that is no JSON', { text: '{"engine": "fed' }],
    ['no body', {}],
    ['an array', { body: [] }],
    ['null', { body: null }],
    ['another engine', { body: site({ engine: 'wordpress' }) }],
    ['no engine', { body: { domain: 'notes' } }],
    ['a field that there is not', { body: site({ owner_id: 7 }) }],
    ['a private FedWiki site', { body: site({ visibility: 'private' }) }],
    ['a visibility that there is not', { body: site({ visibility: 'secret' }) }],
    ['an empty name', { body: site({ name: '   ' }) }],
    ['a name with a line break', { body: site({ name: 'a\nb' }) }],
    ['a name with NUL', { body: site({ name: 'a\0b' }) }],
    [
      'a name with half a character',
      { text: JSON.stringify(site({ name: 'a' })).replace('"a"', '"\\ud83d"') },
    ],
    ['__proto__', { text: '{"engine":"fedwiki","domain":"notes","__proto__":{"x":1}}' }],
    [
      'constructor.prototype',
      { text: '{"engine":"fedwiki","domain":"notes","constructor":{"prototype":{}}}' },
    ],
  ])('%s', async (_, asking) => {
    expectProblem(await api.ask('POST', '/v1/wikis', { as: ada, ...asking }), 400, 'invalid_request')
  })

  test.each(['/v1/wikis?limit=0', '/v1/wikis?limit=201', '/v1/wikis?limit=x', '/v1/wikis?engine=x'])(
    '%s',
    async (path) => expectProblem(await api.ask('GET', path, { as: ada }), 400, 'invalid_request'),
  )

  test.each([
    '/v1/wikis/0',
    '/v1/wikis/-1',
    '/v1/wikis/1.5',
    '/v1/wikis/x',
    '/v1/wikis/99999999999999999999',
  ])('%s is no id', async (path) =>
    expectProblem(await api.ask('GET', path, { as: ada }), 400, 'invalid_request'),
  )

  test.each(['x', '', 'W10', Buffer.from('["1"]').toString('base64url'), 'a'.repeat(401), '%00'])(
    'the cursor %j was never given out',
    async (cursor) => {
      for (const list of ['/v1/wikis', '/v1/tasks', '/v1/users/me/wikis']) {
        const answer = await api.ask('GET', `${list}?cursor=${cursor}`, { as: ada })
        expectProblem(answer, 400, 'invalid_request')
      }
    },
  )

  test.each([
    'a',
    'Notes',
    'no_tes',
    '-notes',
    'xn--nxasmq6b',
    'a.b',
    'notes.',
    '../x',
    '%2F',
    'x'.repeat(64),
    '1.2.3.4',
  ])('the domain %j', async (domain) => expectProblem(await post(site({ domain })), 400, 'invalid_domain'))

  test('an address that cannot be decoded', async () => {
    expectProblem(await api.ask('GET', '/v1/wikis/%zz', { as: ada }), 400, 'invalid_request')
  })

  test('an Idempotency-Key of no length, and of too much', async () => {
    for (const key of ['', 'x'.repeat(201)]) {
      const headers = { 'idempotency-key': key }
      const answer = await api.ask('POST', '/v1/wikis', { as: ada, body: site(), headers })
      expectProblem(answer, 400, 'invalid_request')
    }
  })
})

describe('401', () => {
  const expectChallenge = (answer: Asked) => {
    expectProblem(answer, 401, 'unauthenticated')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="wikistead"')
  }

  test('without a token, whatever else is wrong with the request', async () => {
    expectChallenge(await api.ask('GET', '/v1/tasks'))
    expectChallenge(await api.ask('POST', '/v1/wikis', { body: { nonsense: true } }))
    expectChallenge(await api.ask('POST', '/v1/wikis', { text: '{"half', headers: {} }))
    expectChallenge(await api.ask('DELETE', '/v1/wikis/not-an-id'))
    expectChallenge(await api.ask('POST', '/v1/wikis', { text: `{"x":"${'x'.repeat(70_000)}"}` }))
  })

  test('with a token that is unknown, expired or of another kind', async () => {
    const expired = await api.store.tokens.issue(ada.id, { label: 'expired', expiresAt: Date.now() - 1 })
    const tokens = [
      'x',
      expired,
      ada.token.slice(0, -1),
      ada.token.toUpperCase(),
      `${ada.token} ${ada.token}`,
    ]
    for (const token of tokens)
      expectChallenge(await api.ask('GET', '/v1/users/me', { as: { id: 0, token } }))
    const headers = { authorization: `Basic ${ada.token}` }
    expectChallenge(await api.ask('GET', '/v1/users/me', { headers }))
  })

  test('Bearer may be written as one likes', async () => {
    const headers = { authorization: `bearer ${ada.token}` }
    expect((await api.ask('GET', '/v1/users/me', { headers })).status).toBe(200)
  })
})

test('403: what only an operator or an admin may', async () => {
  expectProblem(await api.ask('GET', '/v1/alarms', { as: ada }), 403, 'forbidden')
  expectProblem(await api.ask('POST', '/v1/users', { as: operator, body: {} }), 403, 'forbidden')
  const wiki = await api.wiki(ada, 'adas.wiki.test')
  const answer = await api.ask('DELETE', `/v1/wikis/${String(wiki.wiki_id)}`, { as: bob })
  expectProblem(answer, 403, 'forbidden')
})

test('404: what is not there, and what others may not know of', async () => {
  for (const [path, code] of [
    ['/v1/wikis/4711', 'wiki_not_found'],
    ['/v1/tasks/none', 'task_not_found'],
    ['/v1/tasks/none/events', 'task_not_found'],
    ['/v1/nothing', 'no_such_route'],
    ['/v2/wikis', 'no_such_route'],
  ] as const) {
    expectProblem(await api.ask('GET', path, { as: admin }), 404, code)
  }
  expectProblem(await api.ask('PUT', '/v1/wikis', { as: admin, body: {} }), 404, 'no_such_route')
  const change = { as: admin, body: { owner_id: 4711 } }
  const wiki = await api.wiki(ada, 'kept.wiki.test')
  expectProblem(await api.ask('PATCH', `/v1/wikis/${String(wiki.wiki_id)}`, change), 404, 'user_not_found')
})

test('414: an id that is longer than any', async () => {
  expectProblem(await api.ask('GET', `/v1/tasks/${'x'.repeat(500)}`, { as: admin }), 414, 'invalid_request')
})

test('409: what stands in the way is named', async () => {
  await api.wiki(ada, 'taken.wiki.test')
  expectProblem(await post(site({ domain: 'taken' }), bob), 409, 'name_taken')
  expectProblem(await post(site({ domain: 'admin' })), 409, 'name_reserved')
  expectProblem(await post(site({ domain: 'commons' })), 409, 'name_reserved')
  const wiki = await api.wiki(ada, 'worked-on.wiki.test', { taskId: 'a-task' })
  const answer = await api.ask('DELETE', `/v1/wikis/${String(wiki.wiki_id)}`, { as: ada })
  expectProblem(answer, 409, 'busy')
  expect(answer.body['task_id']).toBe('a-task')
  const restored = await api.ask('POST', `/v1/wikis/${String(wiki.wiki_id)}/restore`, { as: ada })
  expectProblem(restored, 409, 'busy')
})

test('413: a body above 64 KiB', async () => {
  const body = site({ name: 'x'.repeat(70_000) })
  expectProblem(await post(body), 413, 'invalid_request')
})

test.each([
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
])('415: a body of %s', async (type) => {
  const headers = { 'content-type': type }
  const answer = await api.ask('POST', '/v1/wikis', { as: ada, text: 'engine=fedwiki', headers })
  expectProblem(answer, 415, 'invalid_request')
})

test('422: an Idempotency-Key that stood for another request', async () => {
  const headers = { 'idempotency-key': 'a-key', prefer: 'respond-async' }
  const ask = (domain: string) => api.ask('POST', '/v1/wikis', { as: ada, body: site({ domain }), headers })
  expect((await ask('keyed')).status).toBe(202)
  expectProblem(await ask('other'), 422, 'idempotency_mismatch')
})

test('503: an engine that is off', async () => {
  const wiki = { engine: 'mediawiki', name: 'Notes', slug: 'notes', language: 'en' }
  expectProblem(await post(wiki), 503, 'engine_off')
  await using off = await startApiUnderTest({ deps: { fedwiki: undefined } })
  const as = await off.user('ada')
  expectProblem(await off.ask('POST', '/v1/wikis', { as, body: site() }), 503, 'engine_off')
  expectProblem(await off.ask('GET', '/v1/names/fedwiki/notes', { as }), 503, 'engine_off')
})

test('500: a fault of ours tells its id and nothing else', async () => {
  await using broken = await startApiUnderTest()
  const as = await broken.user('ada')
  await broken.store[Symbol.asyncDispose]()
  const answer = await broken.ask('GET', '/v1/wikis', { as })
  expectProblem(answer, 500, 'fault')
  expect(answer.text).not.toMatch(/driver|destroyed|sql|database|\.ts/i)
})

describe('over a socket', () => {
  let port: number
  beforeAll(async () => {
    port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port)
  })

  async function raw(request: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.write(request)
    return text(socket)
  }

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a header that is none', 'GET /healthz HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /v1/wikis HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      400,
    ],
  ])('%s is answered as a problem too', async (_, request, status) => {
    const answer = await raw(request)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `))
    expect(answer).toContain('application/problem+json')
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status, code: 'invalid_request' })
  })

  test('a line break in what is sent back cannot make a header', async () => {
    const close = 'host: x\r\nconnection: close'
    const answer = await raw(
      `GET /v1/wikis?cursor=a%0d%0aset-cookie:x=1 HTTP/1.1\r\n${close}\r\nauthorization: Bearer ${ada.token}\r\n\r\n`,
    )
    const [head = ''] = answer.split('\r\n\r\n')
    expect(head).not.toMatch(/set-cookie/i)
    const [nowhere = ''] = (await raw(`GET /%0d%0aset-cookie:x=1 HTTP/1.1\r\n${close}\r\n\r\n`)).split(
      '\r\n\r\n',
    )
    expect(nowhere).not.toMatch(/set-cookie/i)
  })
})
