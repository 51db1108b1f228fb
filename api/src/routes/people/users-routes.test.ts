import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let admin: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine })
    admin = await api.user('root', 'admin')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const make = async (body: object) => {
    const answer = await api.ask('POST', '/v1/users', { as: admin, body })
    expect(answer.status).toBe(201)
    return answer.body as { user: { id: number; role: string; site_limit: number | null }; token: string }
  }

  test('a user is made with a token that works, and is told who they are', async () => {
    const { user, token } = await make({ name: 'Ada', subject: 'ada@idp', site_limit: 3 })
    const me = await api.ask('GET', '/v1/users/me', { as: { id: user.id, token } })
    expect(me.body).toEqual({
      ...{ id: user.id, name: 'Ada', role: 'member', site_limit: 3, wiki_limit: null, blocked: false },
      identities: [{ issuer: 'bootstrap', subject: 'ada@idp' }],
    })
  })

  test('a known identity is the same user, with the limit that was asked for, and no token', async () => {
    const { user, token } = await make({ name: 'Bob', subject: 'bob@idp' })
    const body = { name: 'Robert', subject: 'bob@idp', role: 'admin', site_limit: 9 }
    const again = await api.ask('POST', '/v1/users', { as: admin, body })
    expect(again).toMatchObject({
      ...{ status: 200, body: { user: { id: user.id, role: 'member', site_limit: 9 }, token: null } },
    })
    expect((await api.ask('GET', '/v1/users/me', { as: { id: 0, token } })).status).toBe(200)
  })

  test.each([
    ['a blank at the end', 'mallory', 'mallory '],
    ['another case', 'mallory-2', 'Mallory-2'],
    ['another accent', 'mallorÿ', 'mallory-'],
    ['another form of one letter', '\u00e9', 'e\u0301'],
    ['another issuer', 'shared', 'shared'],
  ])('a subject that differs by %s is somebody else', async (difference, one, other) => {
    const first = await make({ name: 'One', subject: one })
    const issuer = difference === 'another issuer' ? { issuer: 'https://elsewhere.example' } : {}
    const second = await make({ name: 'Other', subject: other, ...issuer })
    expect(second.user.id).not.toBe(first.user.id)
  })

  test.each(['name', 'subject', 'role', 'site_limit'])('%s is checked', async (field) => {
    const good = { name: 'x', subject: 'checked', role: 'member', site_limit: 1 }
    for (const bad of ['', null, -1, 'x'.repeat(300), { $ne: 1 }]) {
      const { status } = await api.ask('POST', '/v1/users', { as: admin, body: { ...good, [field]: bad } })
      expect([status, bad]).toEqual([400, bad])
    }
  })

  describe('changing somebody', () => {
    let operator: Asker
    beforeAll(async () => {
      operator = await api.user('an operator', 'operator')
    })
    const change = (as: Asker, id: number, body: object) =>
      api.ask('PATCH', `/v1/users/${String(id)}`, { as, body })
    const code = async (as: Asker, id: number, body: object) => {
      const answer = await change(as, id, body)
      return answer.status === 200 ? 'changed' : answer.body['code']
    }

    test('an operator sets limits and names; null takes a limit back', async () => {
      const { id } = await api.user('limited')
      const answer = await change(operator, id, { site_limit: 2, wiki_limit: 0, name: 'Less' })
      expect(answer.body).toMatchObject({ id, name: 'Less', site_limit: 2, wiki_limit: 0 })
      const again = await change(operator, id, { wiki_limit: null })
      expect(again.body).toMatchObject({ name: 'Less', site_limit: 2, wiki_limit: null })
      expect((await api.ask('GET', `/v1/users/${String(id)}`, { as: operator })).body).toEqual(again.body)
      for (const bad of [{}, { site_limit: -1 }, { wiki_limit: 1.5 }, { role: 'king' }, { user_id: 1 }]) {
        expect(await code(operator, id, bad)).toBe('invalid_request')
      }
      expect(await code(operator, 4711, { name: 'x' })).toBe('user_not_found')
    })

    test('roles are an admin’s to give, and nobody’s own', async () => {
      const { id } = await api.user('rising')
      expect(await code(operator, id, { role: 'operator' })).toBe('forbidden')
      expect(await code(operator, operator.id, { role: 'admin' })).toBe('forbidden')
      expect(await code(admin, id, { role: 'admin' })).toBe('changed')
      expect(await code(admin, admin.id, { role: 'admin' })).toBe('forbidden')
      expect(await code(admin, id, { role: 'member' })).toBe('changed')
    })

    test('a token without `admin` gives no role', async () => {
      const { id } = await api.user('still')
      const token = await api.store.tokens.issue(admin.id, { label: 'x', scopes: ['operate', 'read'] })
      expect(await code({ id: admin.id, token }, id, { role: 'operator' })).toBe('scope_missing')
      expect(await code({ id: admin.id, token }, id, { site_limit: 1 })).toBe('changed')
    })

    test('who is blocked is signed out, and their tokens are refused at once, until they are let in again', async () => {
      const bad = await api.user('bad')
      const value = await api.store.sessions.create({ userId: bad.id, userAgent: 'a browser' })
      const me = async () => (await api.ask('GET', '/v1/users/me', { as: bad })).body['code'] ?? 'in'
      expect(await me()).toBe('in')
      expect((await change(operator, bad.id, { blocked: true })).body).toMatchObject({ blocked: true })
      expect(await me()).toBe('blocked')
      expect((await api.ask('GET', '/v1/wikis', { as: bad })).body['code']).toBe('blocked')
      expect(await code(operator, bad.id, { blocked: false })).toBe('changed')
      expect(await me()).toBe('in')
      // The browser has to sign in again.
      expect(await api.store.sessions.byValue(value)).toBeUndefined()
    })

    test('an operator blocks no admin, and nobody themself', async () => {
      expect(await code(operator, admin.id, { blocked: true })).toBe('forbidden')
      expect(await code(operator, operator.id, { blocked: true })).toBe('forbidden')
      const other = await api.user('another admin', 'admin')
      expect(await code(admin, admin.id, { blocked: true })).toBe('forbidden')
      expect(await code(admin, other.id, { blocked: true })).toBe('changed')
    })

    test('the last admin stays one, unblocked', async () => {
      // Only `admin` is left: the others are blocked, or no admins.
      expect(await code(admin, admin.id, { role: 'member' })).toBe('last_admin')
      expect(await code(admin, admin.id, { blocked: true })).toBe('last_admin')
      expect(await code(admin, admin.id, { name: 'Root' })).toBe('changed')
    })

    test('two admins who demote each other at once: one of them stays', async () => {
      for (let round = 0; round < 5; round += 1) {
        const other = await api.user(`rival ${String(round)}`, 'admin')
        const outcomes = await Promise.all([
          code(admin, other.id, { role: 'operator' }),
          code(other, admin.id, { role: 'operator' }),
        ])
        expect(outcomes.sort()).toEqual(['changed', 'forbidden'])
        const admins = await api.store.transaction(({ users }) => users.lockAdmins())
        expect(admins).toHaveLength(1)
        await api.store.users.change(admin.id, { role: 'admin' })
        await api.store.users.change(other.id, { role: 'member' })
      }
    })
  })

  test('users are listed in pages, each once, and found by a part of their name or their whole subject', async () => {
    for (let index = 0; index < 7; index += 1) await api.user(`paged-${String(index)}`)
    const names: string[] = []
    let cursor = ''
    do {
      const { body } = await api.ask('GET', `/v1/users?limit=3&q=paged-${cursor}`, { as: admin })
      names.push(...(body['users'] as { name: string }[]).map(({ name }) => name))
      cursor = body['next_cursor'] === null ? '' : `&cursor=${body['next_cursor'] as string}`
    } while (cursor !== '')
    expect(names).toEqual(Array.from({ length: 7 }, (_, index) => `paged-${String(index)}`))
    const found = async (q: string) => {
      const { body } = await api.ask('GET', `/v1/users?q=${encodeURIComponent(q)}`, { as: admin })
      return (body['users'] as { name: string; identities: object[] }[]).map(({ name }) => name)
    }
    expect(await found('sub-of-paged-3')).toEqual(['paged-3'])
    expect(await found('sub-of-paged')).toEqual([])
    expect(await found('%')).toEqual([])
    expect((await api.ask('GET', '/v1/users?q=paged-1', { as: admin })).body).toMatchObject({
      users: [{ name: 'paged-1', identities: [{ issuer: 'test', subject: 'sub-of-paged-1' }] }],
      next_cursor: null,
    })
  })

  test('quotas count what is there, under one’s own limit or the farm’s', async () => {
    const dan = await api.user('dan')
    await api.wiki(dan, 'dan-1.wiki.test')
    await api.wiki(dan, 'dan-2.wiki.test', { status: 'archived' })
    const quotas = async () => (await api.ask('GET', '/v1/users/me/quotas', { as: dan })).body['quotas']
    expect(await quotas()).toEqual([{ engine: 'fedwiki', used: 1, limit: 1000 }])
    await api.store.users.change(dan.id, { site_limit: 4 })
    expect(await quotas()).toEqual([{ engine: 'fedwiki', used: 1, limit: 4 }])
    const path = `/v1/users/${String(dan.id)}/quotas`
    expect((await api.ask('GET', path, { as: admin })).body['quotas']).toEqual(await quotas())
    expect((await api.ask('GET', path, { as: await api.user('eve') })).status).toBe(403)
  })

  test('a task’s id of characters that no id has is no fault of ours', async () => {
    for (const id of ['%C3%A9', '%20', '%F0%9F%A6%8A', "a'b", '%00']) {
      const { status } = await api.ask('GET', `/v1/tasks/${id}`, { as: admin })
      expect([400, 404]).toContain(status)
    }
    const cursor = Buffer.from('[1,"\u00e9"]').toString('base64url')
    expect((await api.ask('GET', `/v1/tasks?cursor=${cursor}`, { as: admin })).status).toBe(400)
  })
})
