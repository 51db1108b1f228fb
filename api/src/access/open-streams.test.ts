/** Who follows a task: so many at once, and only as long as they might ask for it anew. */
import { eventually } from '@wikistead/test/eventually'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import {
  startApiUnderTest,
  testPublicUrl,
  type ApiUnderTest,
  type Asker,
} from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { openStore, type Store } from '@wikistead/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const hub = 'https://hub.wikis.test'
const secret = 'a secret for the tests of streams 0123456789'

describe.each(storeEngines)('on %s', (storeEngine) => {
  const started = new AsyncDisposableStack()
  let api: ApiUnderTest
  /** Another process as far as the first can tell: it has its own connections to the same store. */
  let other: ApiUnderTest
  let elsewhere: Store
  let admin: Asker
  beforeAll(async () => {
    const service = {
      keys: () => [new TextEncoder().encode(secret)],
      ...{ issuer: hub, audience: () => testPublicUrl },
    }
    const deps = { streamLimits: { user: 3, process: 5 }, streamLookMs: 20, service }
    api = started.use(await startApiUnderTest({ storeEngine, deps }))
    elsewhere = started.use(await openStore(api.storeConfig))
    other = started.use(await startApiUnderTest({ deps: { store: elsewhere } }))
    admin = await api.user('root', 'admin')
  })
  afterAll(() => started.disposeAsync())

  let count = 0
  async function taskOf({ id: userId }: Pick<Asker, 'id'>): Promise<string> {
    const taskId = `task-${String(count++)}`
    await api.store.transaction(({ tasks }) =>
      tasks.insert({
        ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
      }),
    )
    return taskId
  }
  const readers = async () => {
    const { text } = await api.ask('GET', '/metrics', { as: admin })
    return Number(/^wikistead_open_streams (\d+)$/m.exec(text)?.[1])
  }
  /** A stream that is open; its answer comes when it ends, and the task never does. */
  async function follow(
    taskId: string,
    asking: { as?: Asker; headers?: Record<string, string> },
    prefix = '/v1',
  ): Promise<{ ended: Promise<number> }> {
    const before = await readers()
    const ended = api.ask('GET', `${prefix}/tasks/${taskId}/events`, asking).then(({ status }) => status)
    await eventually(async () => expect(await readers()).toBe(before + 1))
    return { ended }
  }
  const none = () => eventually(async () => expect(await readers()).toBe(0))
  const patch = (id: number, body: object) =>
    other.ask('PATCH', `/v1/users/${String(id)}`, { as: admin, body })

  describe('a stream ends when another process', () => {
    test('blocks the one who follows, by a token', async () => {
      const ada = await api.user('ada')
      const { ended } = await follow(await taskOf(ada), { as: ada })
      expect((await patch(ada.id, { blocked: true })).status).toBe(200)
      expect(await ended).toBe(200)
      await none()
    })

    test.each(['signs them out', 'blocks them'] as const)('%s, by a session', async (how) => {
      const ada = await api.user(`in a browser, ${how}`)
      const value = await api.store.sessions.create({ userId: ada.id, userAgent: '' })
      const cookie = `wikistead-session=${value}`
      const { ended } = await follow(await taskOf(ada), { headers: { cookie } })
      if (how === 'blocks them') await patch(ada.id, { blocked: true })
      else await other.ask('DELETE', `/v1/users/${String(ada.id)}/sessions`, { as: admin })
      expect(await ended).toBe(200)
      await none()
    })

    test('revokes the token, or the one that made it', async () => {
      for (const which of ['itself', 'its maker']) {
        const ada = await api.user(`by a token, ${which}`)
        const made = await api.ask('POST', '/v1/tokens', {
          ...{ as: ada, body: { label: 'x', scopes: ['read', 'wikis', 'sensitive'] } },
        })
        const parent = { id: ada.id, token: String(made.body['secret']) }
        const child = await api.ask('POST', '/v1/tokens', {
          as: parent,
          body: { label: 'y', scopes: ['read'] },
        })
        const { ended } = await follow(await taskOf(ada), {
          as: { id: 0, token: String(child.body['secret']) },
        })
        const told = (which === 'itself' ? child : made).body as { token: { id: string } }
        expect((await other.ask('DELETE', `/v1/tokens/${told.token.id}`, { as: ada })).status).toBe(200)
        expect(await ended).toBe(200)
      }
      await none()
    })

    test('takes the role by which they see it, and leaves them what is theirs', async () => {
      const operator = await api.user('an operator', 'operator')
      const { ended } = await follow(await taskOf(admin), { as: operator })
      const own = await follow(await taskOf(operator), { as: operator })
      expect((await patch(operator.id, { role: 'member' })).status).toBe(200)
      expect(await ended).toBe(200)
      expect(await readers()).toBe(1)
      await patch(operator.id, { blocked: true })
      expect(await own.ended).toBe(200)
      await none()
    })

    test('blocks somebody for whom the hub asks', async () => {
      const user = { issuer: hub, subject: '7', name: 'Rosa', role: 'member' } as const
      const { user_id: id } = await api.store.users.ensure(user)
      const taskId = await taskOf({ id })
      const target = `/provisioner/v1/tasks/${taskId}/events`
      const headers = { authorization: word(target) }
      const { ended } = await follow(taskId, { headers }, '/provisioner/v1')
      await patch(id, { blocked: true })
      expect(await ended).toBe(200)
      await none()
    })
  })

  test('a stream ends with the time of the token', async () => {
    const ada = await api.user('ada for a while')
    const { secret: token, row } = await api.store.tokens.issueRow(ada.id, {
      ...{ label: 'x', scopes: ['read'], expiresAt: api.store.now() + 3_600_000 },
    })
    const { ended } = await follow(await taskOf(ada), { as: { id: ada.id, token } })
    await elsewhere.tokens.adopt(ada.id, token, { label: row.label, expiresAt: elsewhere.now() - 1 })
    expect(await ended).toBe(200)
    await none()
  })

  test('a request that waits for the end of a task is answered when its user may no longer ask', async () => {
    const ada = await api.user('ada who waits', 'operator')
    const { wiki_id: id } = await api.wiki(ada, `waited-${storeEngine}.wiki.test`)
    const answer = api.ask('DELETE', `/v1/wikis/${String(id)}`, {
      ...{ as: ada, headers: { prefer: 'wait=300' } },
    })
    await eventually(async () => expect(await readers()).toBe(1))
    await patch(ada.id, { blocked: true })
    expect((await answer).status).toBe(202)
    await none()
  })

  test('one user follows so many at once; who is refused is told when to come back, and others follow', async () => {
    const [ada, bob] = [await api.user('ada of many'), await api.user('bob of few')]
    const taskId = await taskOf(ada)
    const open = [
      await follow(taskId, { as: ada }),
      await follow(taskId, { as: ada }),
      await follow(taskId, { as: ada }),
    ]
    const events = `/v1/tasks/${taskId}/events`
    const refused = await api.ask('GET', events, { as: ada })
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_streams' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.body['detail']).toContain('You follow 3 tasks at once already')
    // What needs no stream is answered.
    expect((await api.ask('GET', `/v1/tasks/${taskId}`, { as: ada })).status).toBe(200)
    const theirs = await taskOf(bob)
    open.push(await follow(theirs, { as: bob }), await follow(theirs, { as: bob }))
    // Now the process is full, for everybody.
    const full = await api.ask('GET', `/v1/tasks/${theirs}/events`, { as: bob })
    expect(full).toMatchObject({ status: 429, body: { code: 'too_many_streams' } })
    expect(full.body['detail']).toContain('as this server serves at once')
    const { wiki_id: id } = await api.wiki(bob, `hasty-${storeEngine}.wiki.test`)
    const hasty = await api.ask('DELETE', `/v1/wikis/${String(id)}`, {
      ...{ as: bob, headers: { prefer: 'wait=300' } },
    })
    expect(hasty.status).toBe(202)
    for (const each of [taskId, theirs]) {
      await api.store.transaction(({ tasks }) =>
        tasks.append({ taskId: each, run: 1, event: { type: 'status', status: 'failed', code: 'fault' } }),
      )
    }
    expect(await Promise.all(open.map(({ ended }) => ended))).toEqual([200, 200, 200, 200, 200])
    // Places are given back.
    for (let turn = 0; turn < 6; turn += 1) {
      expect((await api.ask('GET', events, { as: ada })).status).toBe(200)
    }
  })

  function word(target: string): string {
    const now = Math.floor(Date.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = [
      part({ alg: 'HS256', typ: 'wikistead-request+jwt', kid: '1' }),
      part({
        ...{ iss: hub, aud: testPublicUrl, sub: '7', name: 'Rosa', rights: [], iat: now, exp: now + 30 },
        ...{ jti: randomBytes(24).toString('base64url'), method: 'GET', target },
        body: createHash('sha256').update('').digest('base64url'),
      }),
    ].join('.')
    return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
})
