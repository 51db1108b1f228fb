/** What people do with tokens and users on the command line. */
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../test/run-cli.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ run: ['api'] })
})
afterAll(() => stack[Symbol.asyncDispose]())

const run = (token: string, ...args: readonly string[]) =>
  runCli(args, { env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: token } })
const cli = (...args: readonly string[]) => run(stack.token, ...args)

test('a token is made, listed, used and revoked, in words and as objects', async () => {
  const made = await cli('token', 'create', 'my script', '--scope', 'read,wikis', '--expires-in', '7d')
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/^Token \w{32} \(read, wikis\) is good until \d{4}-.* UTC\.$/m)
  const secret = /^Its secret, shown only now: (\S+)$/m.exec(made.stdout)?.[1] ?? ''
  expect(await run(secret, 'list')).toMatchObject({ code: 0, stdout: 'No wikis.\n' })
  expect(await run(secret, 'alarms', '--clear', '1', '--json')).toMatchObject({
    code: 3,
    error: { code: 'scope_missing' },
  })

  const listed = await cli('token', 'list')
  expect(listed.stdout).toMatch(/^\w{32} +my script +read,wikis +\d{4}-.* UTC +\d{4}-.* UTC +127\.0\.0\.1$/m)
  expect(listed.stdout).not.toContain(secret)
  const { events } = await cli('token', 'list', '--json')
  const id = String(events.find(({ label }) => label === 'my script')?.['id'])
  expect((await cli('token', 'revoke', id, '--json')).last).toMatchObject({ ok: true, revoked: id })
  expect(await run(secret, 'list', '--json')).toMatchObject({ code: 3, error: { code: 'unauthenticated' } })
  expect(await cli('token', 'revoke', id, '--json')).toMatchObject({
    ...{ code: 3, error: { code: 'token_not_found' } },
  })
  const json = await cli('token', 'create', 'by default', '--json')
  expect(json.last).toMatchObject({
    ok: true,
    token: { scopes: ['read'] },
    secret: expect.stringMatching(/.{40}/) as string,
  })
})

test('a scope that there is not is a mistake; the API’s own refusals are told', async () => {
  const wrong = await cli('token', 'create', 'x', '--scope', 'read,everything')
  expect(wrong).toMatchObject({ code: 2, stdout: '' })
  expect(wrong.stderr).toContain('Scopes are read, wikis, operate, admin, sensitive.')
  expect(await cli('token', 'create', 'x', '--expires-in', '366d', '--json')).toMatchObject({
    ...{ code: 3, error: { code: 'invalid_request' } },
  })
})

test('somebody is invited, listed and taken back; a user gets a link to their account', async () => {
  const made = await cli('invite', '--name', 'Ada', '--expires-in', '1d')
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/^http:\S+\/join#[\w-]{43}\n$/)
  const listed = await cli('invitation', 'list')
  const [, id = ''] = /^(\w{24}) +Ada +member +\S.* \d{4}-.* UTC$/m.exec(listed.stdout) ?? []
  expect(listed.stdout).not.toContain(new URL(made.stdout.trim()).hash.slice(1))
  expect(await cli('invitation', 'withdraw', id)).toMatchObject({ code: 0 })
  expect((await cli('invitation', 'list')).stdout).toBe('Nobody is invited.\n')
  expect(await cli('invitation', 'withdraw', id, '--json')).toMatchObject({
    ...{ code: 3, error: { code: 'invitation_ended' } },
  })
  const { last } = await cli('invite', '--add', '--name', 'Bea', '--json')
  expect(last).toMatchObject({ ok: true, invitation: { user: { name: 'Bea' }, role: 'member' } })
  const { user } = last?.['invitation'] as { user: { id: number } }
  expect((await cli('user', 'account-link', String(user.id))).stdout).toMatch(/\/join#[\w-]{43}\n$/)
})

test('a user is shown, given limits and a role, blocked and let in again', async () => {
  const { id, token } = await stack.newMember('mia')
  expect((await cli('user', 'show', String(id))).stdout).toMatch(/^\d+ +mia +member +as configured/m)
  const changed = await cli('user', 'change', String(id), '--wiki-limit', '3', '--role', 'operator', '--json')
  expect(changed.last).toMatchObject({ ok: true, user: { wiki_limit: 3, role: 'operator' } })
  const back = await cli('user', 'change', String(id), '--wiki-limit', 'default', '--role', 'member')
  expect(back).toMatchObject({ code: 0, stderr: '' })
  expect(back.stdout).toMatch(/^\d+ +mia +member +as configured +as configured/m)

  expect((await cli('user', 'block', String(id))).stdout).toBe('mia is blocked.\n')
  expect(await run(token, 'list', '--json')).toMatchObject({ code: 3, error: { code: 'blocked' } })
  expect((await cli('user', 'list', '--q', 'mi')).stdout).toMatch(/member, blocked/)
  expect((await cli('user', 'unblock', String(id))).stdout).toBe('mia may sign in again.\n')
  expect(await run(token, 'list')).toMatchObject({ code: 0 })

  expect(await cli('user', 'change', String(id))).toMatchObject({ code: 2, stdout: '' })
  expect(await cli('user', 'block', '1', '--json')).toMatchObject({ code: 3, error: { code: 'last_admin' } })
  expect((await cli('user', 'list', '--q', 'nobody')).stdout).toBe('No users.\n')
})

test('the audit log is shown, by who, what and about what', async () => {
  const { id, token } = await stack.newMember('noa')
  await run(token, 'token', 'revoke', 'none')
  const told = await cli('audit', '--actor', String(id))
  expect(told.stdout).toMatch(
    /UTC +noa +token +127\.0\.0\.1 +DELETE \/v1\/tokens\/:id +token\/none +404 token_not_found$/m,
  )
  const { events, last } = await cli('audit', '--subject', `user/${String(id)}`, '--json')
  expect(events[0]).toMatchObject({ event: 'entry', action: 'POST /v1/users', status: 201, code: null })
  expect(last).toMatchObject({ ok: true, count: 1, more: false })
  expect((await cli('audit', '--action', 'nothing')).stdout).toBe('Nothing of that kind.\n')
  expect(await run(token, 'audit', '--json')).toMatchObject({ code: 3, error: { code: 'forbidden' } })
})
