import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Made {
  readonly token: { readonly id: string; readonly scopes: string[]; readonly expires_at: string }
  readonly secret: string
}

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let ada: Asker
  let operator: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine, deps: { tokensPerUser: 20 } })
    ada = await api.user('ada')
    operator = await api.user('operator', 'operator')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const ask = (as: Asker, body: object) =>
    api.ask('POST', '/v1/tokens', { as, body: { label: 'ci', scopes: ['read'], ...body } })
  async function make(as: Asker, body: object = {}): Promise<Made> {
    const answer = await ask(as, body)
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    return answer.body as unknown as Made
  }
  const by = ({ secret }: Made, id = ada.id): Asker => ({ id, token: secret })
  const list = async (as: Asker) => {
    const { body, text } = await api.ask('GET', '/v1/tokens', { as })
    return {
      text,
      tokens: body['tokens'] as (Made['token'] & {
        label: string
        used_at: string | null
        used_from: string | null
      })[],
    }
  }

  test('a secret is told once, works, and is nowhere in the store or a list', async () => {
    const made = await make(ada, { label: 'my script', scopes: ['read', 'wikis'], expires_in: '30d' })
    expect((await api.ask('GET', '/v1/users/me', { as: by(made) })).body).toMatchObject({ id: ada.id })
    const { tokens, text } = await list(ada)
    expect(tokens).toContainEqual(
      expect.objectContaining({ id: made.token.id, label: 'my script', scopes: ['read', 'wikis'] }),
    )
    expect(text).not.toContain(made.secret)
    const days = (Date.parse(made.token.expires_at) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)
    expect(await api.store.tokens.find(made.token.id)).toBeUndefined()
  })

  test('that it was used is known, and written once a minute at most', async () => {
    const made = await make(ada)
    const usedAt = async () => (await list(ada)).tokens.find(({ id }) => id === made.token.id)?.used_at
    expect(await usedAt()).toBeNull()
    await api.ask('GET', '/v1/users/me', { as: by(made) })
    const first = await usedAt()
    expect(first).not.toBeNull()
    await api.ask('GET', '/v1/users/me', { as: by(made) })
    expect(await usedAt()).toBe(first)
    const usedFrom = async () => (await list(ada)).tokens.find(({ id }) => id === made.token.id)?.used_from
    expect(await usedFrom()).toBe('127.0.0.1')
    const held = await api.store.tokens.find(made.secret)
    if (held === undefined) throw new Error('the token is gone')
    await api.store.tokens.used(held, '192.0.2.1', Date.parse(first ?? '') + 61_000)
    expect(Date.parse((await usedAt()) ?? '')).toBe(Date.parse(first ?? '') + 61_000)
    expect(await usedFrom()).toBe('192.0.2.1')
  })

  test('a user has so many at once, also when more are asked for in one moment', async () => {
    const cleo = await api.user('cleo')
    const answers = await Promise.all(Array.from({ length: 24 }, () => ask(cleo, {})))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array<number>(19).fill(201),
      ...Array<number>(5).fill(409),
    ])
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'too_many_tokens' })
    const { tokens } = await list(cleo)
    // The one that acts counts as well.
    expect(tokens).toHaveLength(20)
    const revoked = tokens.find(({ label }) => label === 'ci')?.id ?? ''
    await api.ask('DELETE', `/v1/tokens/${revoked}`, { as: cleo })
    expect((await ask(cleo, {})).status).toBe(201)
  })

  test('a token makes none with more scopes than its own, nor one that outlives it', async () => {
    const made = await make(ada, { scopes: ['wikis', 'read', 'sensitive'], expires_in: '1h' })
    const parent = by(made)
    const child = await make(parent, { scopes: ['read'], expires_in: '365d' })
    expect(child.token.expires_at).toBe(made.token.expires_at)
    const reader = by(child)
    expect((await ask(reader, {})).body).toMatchObject({ code: 'scope_missing', details: { scope: 'wikis' } })
    const wikisOnly = by(await make(ada, { scopes: ['wikis', 'sensitive'] }))
    expect((await ask(wikisOnly, { scopes: ['wikis', 'read'] })).body).toMatchObject({
      code: 'scope_missing',
      details: { scope: 'read' },
    })
    expect((await ask(wikisOnly, { scopes: ['wikis'] })).status).toBe(201)
  })

  test('nobody gets a scope that is above their role', async () => {
    for (const [as, scopes] of [
      [ada, ['operate']],
      [ada, ['read', 'admin']],
      [operator, ['admin']],
    ] as const) {
      expect((await ask(as, { scopes })).body).toMatchObject({ code: 'forbidden' })
    }
    expect((await ask(operator, { scopes: ['operate'] })).status).toBe(201)
  })

  test('a revoked token is refused at once; others’ tokens cannot be revoked', async () => {
    const made = await make(ada)
    const path = `/v1/tokens/${made.token.id}`
    expect((await api.ask('DELETE', path, { as: operator })).body).toMatchObject({ code: 'token_not_found' })
    expect((await api.ask('GET', '/v1/users/me', { as: by(made) })).status).toBe(200)
    expect((await api.ask('DELETE', path, { as: ada })).status).toBe(200)
    expect((await api.ask('GET', '/v1/users/me', { as: by(made) })).status).toBe(401)
    expect((await api.ask('DELETE', path, { as: ada })).body).toMatchObject({ code: 'token_not_found' })
    for (const id of ['%25', '_'.repeat(32), 'x']) {
      expect((await api.ask('DELETE', `/v1/tokens/${id}`, { as: ada })).status).toBe(404)
    }
    expect((await api.ask('GET', '/v1/users/me', { as: ada })).status).toBe(200)
  })

  test.each([
    { expires_in: '366d' },
    { expires_in: '0d' },
    { expires_in: 'never' },
    { scopes: [] },
    { scopes: ['everything'] },
    { label: '' },
    { label: 'x'.repeat(201) },
    { user_id: 1 },
  ])('%o is refused', async (body) => {
    expect((await ask(ada, body)).body).toMatchObject({ code: 'invalid_request' })
  })

  test('what has expired is swept away', async () => {
    const secret = await api.store.tokens.issue(ada.id, { label: 'old', expiresAt: Date.now() + 1_000 })
    expect(await api.store.tokens.find(secret)).toBeDefined()
    await api.store.tokens.forgetExpired(Date.now() + 2_000)
    expect(await api.store.tokens.find(secret)).toBeUndefined()
    expect(await api.store.tokens.find(ada.token)).toBeDefined()
  })
})
