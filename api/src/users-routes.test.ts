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

  test('a known identity is the same user, with one more token and the limit that was asked for', async () => {
    const first = await make({ name: 'Bob', subject: 'bob@idp' })
    const second = await make({ name: 'Robert', subject: 'bob@idp', role: 'admin', site_limit: 9 })
    expect(second.user).toMatchObject({ id: first.user.id, role: 'member', site_limit: 9 })
    for (const { token } of [first, second]) {
      expect((await api.ask('GET', '/v1/users/me', { as: { id: 0, token } })).status).toBe(200)
    }
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

  test('a task’s id of characters that no id has is no fault of ours', async () => {
    for (const id of ['%C3%A9', '%20', '%F0%9F%A6%8A', "a'b", '%00']) {
      const { status } = await api.ask('GET', `/v1/tasks/${id}`, { as: admin })
      expect([400, 404]).toContain(status)
    }
    const cursor = Buffer.from('[1,"\u00e9"]').toString('base64url')
    expect((await api.ask('GET', `/v1/tasks?cursor=${cursor}`, { as: admin })).status).toBe(400)
  })
})
