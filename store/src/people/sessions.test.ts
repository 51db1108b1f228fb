import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'
import { sessionId } from './sessions.ts'
import { sessionLife } from './session-life.ts'
import type { Store } from '../store.ts'

const day = 86_400_000
const userOf = async ({ users }: Store, name: string) =>
  (await users.ensure({ name, role: 'member', issuer: 'i', subject: name })).user_id

describe.each(storeEngines)('%s', (engine) => {
  test('a session is found by the value of its cookie only, and the store holds no such value', async () => {
    await using fresh = await freshStore(engine)
    const { sessions } = fresh.store
    const userId = await userOf(fresh.store, 'Ada')
    const value = await sessions.create({ userId, userAgent: 'Browser\n1', idToken: 'an.id.token' })
    expect(value).toMatch(/^[\w-]{43}$/)
    const found = await sessions.byValue(value)
    expect(found).toMatchObject({
      user: { name: 'Ada' },
      session: { user_agent: 'Browser 1', id_token: 'an.id.token', csrf_token: expect.any(String) as string },
    })
    expect(JSON.stringify(found)).not.toContain(value)
    expect(await sessions.byValue(found?.session.session_hash ?? '')).toBeUndefined()
    expect(await sessions.byValue(`${value}x`)).toBeUndefined()
    const other = await sessions.byValue(await sessions.create({ userId, userAgent: '' }))
    expect(other?.session.csrf_token).not.toBe(found?.session.csrf_token)
  })

  test('requests put the end off, never beyond the longest life', async () => {
    await using fresh = await freshStore(engine)
    const { sessions } = fresh.store
    const began = Date.now()
    const value = await sessions.create({ userId: await userOf(fresh.store, 'Ada'), userAgent: '' }, began)
    const first = await sessions.byValue(value, began)
    if (first === undefined) throw new Error('no session')
    expect(await sessions.seen(first, began + 1_000)).toBe(first.session)
    let now = began
    for (let found = first; now < began + 29 * day;) {
      now += 6 * day
      const session = await sessions.seen(found, now)
      found = { ...found, session }
      expect(session.expires_at).toBe(Math.min(now + sessionLife.idleMs, began + sessionLife.wholeMs))
      expect((await sessions.byValue(value, session.expires_at - 1))?.session).toEqual(session)
    }
    expect(await sessions.byValue(value, began + sessionLife.wholeMs)).toBeUndefined()
    await sessions.forgetEnded(began + sessionLife.wholeMs)
    expect(await sessions.byValue(value, began)).toBeUndefined()
  })

  test('without a request it ends, and a blocked user has none', async () => {
    await using fresh = await freshStore(engine)
    const { sessions } = fresh.store
    const userId = await userOf(fresh.store, 'Ada')
    const value = await sessions.create({ userId, userAgent: '' })
    expect(await sessions.byValue(value, fresh.store.now() + sessionLife.idleMs + 1)).toBeUndefined()
    await fresh.store.users.setBlocked(userId, true)
    expect(await sessions.byValue(value)).toBeUndefined()
    await fresh.store.users.setBlocked(userId, false)
    expect(await sessions.byValue(value)).toBeDefined()
  })

  test('of an operator it is shorter, from the moment on in which they are one', async () => {
    await using fresh = await freshStore(engine, {
      operatorSessions: { idleMs: 3_600_000, wholeMs: 4 * 3_600_000 },
    })
    const { sessions, users } = fresh.store
    const hour = 3_600_000
    const began = fresh.store.now()
    const userId = await userOf(fresh.store, 'Ada')
    const value = await sessions.create({ userId, userAgent: '' }, began)
    const stands = async (now: number) => (await sessions.byValue(value, now)) !== undefined
    expect(await stands(began + 5 * hour)).toBe(true)
    await users.change(userId, { role: 'operator' })
    expect([await stands(began + hour - 1), await stands(began + hour)]).toEqual([true, false])
    expect((await sessions.of(userId, began))[0]?.expires_at).toBe(began + hour)
    expect(await sessions.of(userId, began + hour)).toEqual([])
    // Requests put the end off, never beyond the longest life.
    for (const [at, end] of [
      [began + 0.9 * hour, began + 1.9 * hour],
      [began + 1.8 * hour, began + 2.8 * hour],
      [began + 2.7 * hour, began + 3.7 * hour],
      [began + 3.6 * hour, began + 4 * hour],
    ] as const) {
      const found = await sessions.byValue(value, at)
      if (found === undefined) throw new Error('no session')
      expect((await sessions.seen(found, at)).expires_at).toBe(end)
    }
    expect(await stands(began + 4 * hour)).toBe(false)
    // What a member has is what it was.
    await users.change(userId, { role: 'member' })
    expect(await stands(began + 4 * hour)).toBe(true)
  })

  test('those of what has ended at the provider end, and no others', async () => {
    await using fresh = await freshStore(engine)
    const { sessions } = fresh.store
    const [ada, bob] = [await userOf(fresh.store, 'Ada'), await userOf(fresh.store, 'Bob')]
    const there = { userAgent: '', idToken: 'x', providerSubject: 'ada' }
    const begin = async () => ({
      one: await sessions.create({ userId: ada, ...there, providerSession: '1' }),
      two: await sessions.create({ userId: ada, ...there, providerSession: '2' }),
      untold: await sessions.create({ userId: ada, ...there }),
      before: await sessions.create({ userId: ada, userAgent: '', idToken: 'x' }),
      another: await sessions.create({ userId: ada, ...there, providerSubject: 'ada2' }),
      link: await sessions.create({ userId: ada, userAgent: '' }),
      bobs: await sessions.create({ userId: bob, ...there, providerSubject: 'bob', providerSession: '3' }),
    })
    const subject = { kind: 'subject', subject: 'ada', userId: ada } as const
    for (const [ended, left, whose] of [
      [{ kind: 'session', session: '1' }, ['two', 'untold', 'before', 'another', 'link', 'bobs'], [ada]],
      [{ kind: 'session', session: '4' }, ['one', 'two', 'untold', 'before', 'another', 'link', 'bobs'], []],
      [{ ...subject, session: '2' }, ['one', 'another', 'link', 'bobs'], [ada]],
      [subject, ['another', 'link', 'bobs'], [ada]],
    ] as const) {
      const values = Object.entries(await begin())
      expect(await sessions.endThere(ended)).toEqual(whose)
      const standing: string[] = []
      for (const [name, value] of values) if (await sessions.byValue(value)) standing.push(name)
      expect(standing).toEqual(left)
      for (const user of [ada, bob]) await sessions.endAllOf(user)
    }
  })

  test('each is ended by itself or all together, by its user only', async () => {
    await using fresh = await freshStore(engine)
    const { sessions } = fresh.store
    const [ada, bob] = [await userOf(fresh.store, 'Ada'), await userOf(fresh.store, 'Bob')]
    const values = [
      await sessions.create({ userId: ada, userAgent: 'one' }),
      await sessions.create({ userId: ada, userAgent: 'two' }),
      await sessions.create({ userId: ada, userAgent: 'three' }),
    ]
    const bobs = await sessions.create({ userId: bob, userAgent: 'bob’s' })
    const standing = async () =>
      (await Promise.all(values.map((value) => sessions.byValue(value)))).map((found) => found !== undefined)
    const ids = new Map((await sessions.of(ada)).map((row) => [row.user_agent, sessionId(row)]))
    expect([...ids.keys()].sort()).toEqual(['one', 'three', 'two'])
    for (const id of [ids.get('one') ?? '', '', '%', 'f'.repeat(32)]) {
      await expect(sessions.endById(bob, id)).rejects.toMatchObject({ code: 'session_not_found' })
    }
    await expect(sessions.endById(ada, '')).rejects.toMatchObject({ code: 'session_not_found' })
    expect(await standing()).toEqual([true, true, true])
    await sessions.endById(ada, ids.get('two') ?? '')
    expect(await standing()).toEqual([true, false, true])
    await sessions.end((await sessions.byValue(values[0] ?? ''))?.session.session_hash ?? '')
    expect(await standing()).toEqual([false, false, true])
    expect(await sessions.endAllOf(ada)).toBe(1)
    expect(await standing()).toEqual([false, false, false])
    expect(await sessions.byValue(bobs)).toBeDefined()
  })
})
