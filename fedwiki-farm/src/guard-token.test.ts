import { afterEach, beforeEach, expect, test } from 'vitest'
import { adminHost, ask, guardBefore } from '../test/guard-under-test.ts'

let started: AsyncDisposableStack
beforeEach(() => {
  started = new AsyncDisposableStack()
})
afterEach(() => started.disposeAsync())

const sites = '/plugin/farmmanager/sites'
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('a token that counts becomes the farm’s own; others, and the farm’s own, do not pass', async () => {
  let accepted = ['the-old-one']
  const { port, seen } = await guardBefore(started, (_req, res) => res.end('ok'), {
    tokens: { accepted: () => accepted, ofFarm: 'known-to-the-guard' },
  })
  const saidOf = async (token: string, host = adminHost, path = sites) => {
    await ask(port, host, path, as(token))
    return seen.at(-1)?.headers.authorization
  }
  expect(await saidOf('the-old-one')).toBe('Bearer known-to-the-guard')
  expect(await saidOf('the-new-one')).toBeUndefined()
  accepted = ['the-new-one', 'the-old-one']
  expect(await saidOf('the-old-one')).toBe('Bearer known-to-the-guard')
  expect(await saidOf('the-new-one')).toBe('Bearer known-to-the-guard')
  accepted = ['the-new-one']
  expect(await saidOf('the-old-one')).toBeUndefined()
  for (const token of ['known-to-the-guard', 'the-new', '', ' known-to-the-guard'])
    expect(await saidOf(token)).toBeUndefined()
  // On a site it is nothing to the guard, and no way into the farm's administration.
  expect(await saidOf('the-new-one', 'notes.example.org', '/')).toBe('Bearer the-new-one')
})

test('without tokens, what was said passes as it is', async () => {
  const { port, seen } = await guardBefore(started, (_req, res) => res.end('ok'))
  await ask(port, adminHost, sites, as('any'))
  expect(seen.at(-1)?.headers.authorization).toBe('Bearer any')
})

test('while it is held requests wait: those before are through first, those after come to what is there then', async () => {
  const order: string[] = []
  const slow = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const { port, guard } = await guardBefore(started, (req, res) => {
    order.push(req.url ?? '')
    if (req.url !== '/slow') return void res.end('ok')
    arrived.resolve()
    void slow.promise.then(() => res.end('slow'))
  })
  const before = ask(port, 'notes.example.org', '/slow')
  await arrived.promise
  const change = Promise.withResolvers<void>()
  const held = guard.whileHeld(async () => {
    order.push('changed')
    await change.promise
  })
  const after = ask(port, 'notes.example.org', '/after')
  slow.resolve()
  expect((await before).body).toBe('slow')
  await expect.poll(() => order).toContain('changed')
  expect(order).toEqual(['/slow', 'changed'])
  change.resolve()
  await held
  expect((await after).status).toBe(200)
  expect(order).toEqual(['/slow', 'changed', '/after'])
})

test('what is done while it is held may fail, and requests go on', async () => {
  const { port, guard } = await guardBefore(started, (_req, res) => res.end('ok'))
  await expect(guard.whileHeld(() => Promise.reject(new Error('in vain')))).rejects.toThrow('in vain')
  expect((await ask(port, 'notes.example.org', '/')).status).toBe(200)
})
