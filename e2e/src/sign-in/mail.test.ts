/** Links by mail, handed to a real SMTP server: invitations, lost passwords, and joining by a domain. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { startStack, type Stack } from '@wikistead/test/stack'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Mail {
  readonly to: string
  readonly from: string
  readonly head: string
  readonly text: string
}

const started = new AsyncDisposableStack()
const received: Mail[] = []
let stack: Stack
let arrived: () => void = () => undefined

beforeAll(async () => {
  const smtp = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    onRcptTo({ address }, _session, done) {
      done(address.startsWith('refused@') ? new Error('no such mailbox') : null)
    },
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const [head = '', ...rest] = Buffer.concat(parts).toString().split('\r\n\r\n')
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        received.push({
          to: envelope.rcptTo[0]?.address ?? '',
          from,
          head,
          text: plain(head, rest.join('\r\n\r\n')),
        })
        arrived()
        done()
      })
    },
  })
  smtp.listen(0, '127.0.0.1')
  await once(smtp.server, 'listening')
  started.defer(() => new Promise<void>((closed) => void smtp.close(closed)))
  const { port } = smtp.server.address() as AddressInfo
  const settings = {
    'smtp-server': `smtp://127.0.0.1:${String(port)}`,
    'smtp-from': 'Wikis <wikis@example.org>',
    'accounts-sign-up': 'example.org, example.net',
  }
  stack = started.use(await startStack({ settings, run: ['api'] }))
})
afterAll(() => started.disposeAsync())

/** As a program of mail shows it. */
function plain(head: string, body: string): string {
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(body, 'base64').toString()
  const bytes = body.replaceAll(/=\r\n/g, '').replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => `%${hex}`)
  return /^content-transfer-encoding: quoted-printable/im.test(head) ? decodeURIComponent(bytes) : body
}

/** The next one to that address that nobody has read. */
async function mailTo(address: string): Promise<Mail & { readonly secret: string }> {
  for (;;) {
    const at = received.findIndex(({ to }) => to.toLowerCase() === address.toLowerCase())
    const [mail] = at < 0 ? [] : received.splice(at, 1)
    if (mail !== undefined) return { ...mail, secret: /\/join#([\w-]{43})$/m.exec(mail.text)?.[1] ?? '' }
    await new Promise<void>((resolve) => (arrived = resolve))
  }
}

const post = async (path: string, body: object) => {
  const answer = await fetch(stack.url + path, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' },
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
}
const password = 'seven owls at noon'

test('an invitation is mailed, in the language that was asked for, and the address signs in', async () => {
  const invite = (body: object) => stack.call('POST', '/v1/invitations', body)
  const made = await invite({ mail: 'Ada@Example.com', name: 'Ada' })
  expect([made.status, made.body]).toEqual([201, expect.objectContaining({ mailed: true })])
  const mail = await mailTo('Ada@Example.com')
  expect(mail.from).toBe('wikis@example.org')
  expect(mail.head).toContain('Subject: Your invitation to 127.0.0.1')
  expect(mail.text).toContain('Local admin invites you')
  expect(mail.text).toContain('within 7 days')
  expect(made.body['url']).toBe(`${stack.url}/join#${mail.secret}`)
  expect((await post('/auth/join', { secret: mail.secret, password })).status).toBe(200)
  const signIn = await post('/auth/password', { name: 'ada@example.COM', password })
  expect(signIn.body).toMatchObject({ user: { name: 'Ada' } })
  await invite({ mail: 'li@example.com', language: 'zh-hans' })
  expect((await mailTo('li@example.com')).text).toContain('邀请您在')
  await invite({ mail: 'nur@example.com', language: 'ar', expires_in: '5h' })
  expect((await mailTo('nur@example.com')).text).toContain('5 ساعات')
})

test('one that the server does not take is withdrawn, and refused in words', async () => {
  const before = await stack.store.invitations.open()
  const { status, body } = await stack.call('POST', '/v1/invitations', { mail: 'refused@example.com' })
  expect([status, body['code']]).toEqual([502, 'mail_undeliverable'])
  expect(await stack.store.invitations.open()).toEqual(before)
  for (const mail of ['nobody', 'a@b\r\nBcc: c@example.com', 'a@b.example, c@d.example', '']) {
    expect((await stack.call('POST', '/v1/invitations', { mail })).body['code']).toBe('invalid_request')
  }
})

test('a lost password is chosen anew by mail; whether there is an account, the answer does not say', async () => {
  await stack.call('POST', '/v1/invitations', { mail: 'bob@example.com', name: 'Bob' })
  const { secret } = await mailTo('bob@example.com')
  await post('/auth/join', { secret, password })
  const unknown = await post('/auth/lost-password', { mail: 'nobody@example.com' })
  const known = await post('/auth/lost-password', { mail: 'BOB@example.com' })
  expect([unknown.status, unknown.body]).toEqual([known.status, known.body])
  expect(known.status).toBe(202)
  const mail = await mailTo('BOB@example.com')
  expect(mail.text).toContain('within 1 hour')
  expect(received.filter(({ to }) => to === 'nobody@example.com')).toEqual([])
  expect((await post('/auth/join', { secret: mail.secret, password: 'nine herons at dusk' })).status).toBe(
    200,
  )
  expect((await post('/auth/join', { secret: mail.secret, password })).body['code']).toBe('invitation_ended')
  expect((await post('/auth/password', { name: 'Bob', password })).body['code']).toBe('credentials_wrong')
  expect((await post('/auth/password', { name: 'Bob', password: 'nine herons at dusk' })).status).toBe(200)
})

test('whoever reads mail at one of the domains may join, and nobody else; who has an account gets into it', async () => {
  expect((await post('/auth/sign-up', { mail: 'eve@example.com' })).body['code']).toBe('sign_up_closed')
  expect((await post('/auth/sign-up', { mail: 'eve@evil.example.org' })).body['code']).toBe('sign_up_closed')
  expect((await post('/auth/join', { name: 'Eve', password })).body['code']).toBe('sign_up_closed')
  expect((await post('/auth/sign-up', { mail: 'cleo@EXAMPLE.org' })).status).toBe(202)
  const { secret } = await mailTo('cleo@EXAMPLE.org')
  const joined = await post('/auth/join', { secret, name: 'Cleo', password })
  expect(joined.body).toMatchObject({ user: { name: 'Cleo', role: 'member' } })
  await post('/auth/sign-up', { mail: 'cleo@example.org' })
  const again = await mailTo('cleo@example.org')
  expect((await post('/auth/join/see', { secret: again.secret })).body).toMatchObject({ has_account: true })
})

test('an address is written to ten times in a quarter of an hour', async () => {
  const statuses: number[] = []
  for (let n = 0; n < 11; n += 1)
    statuses.push((await post('/auth/lost-password', { mail: 'dora@example.com' })).status)
  expect(statuses).toEqual([...Array<number>(10).fill(202), 429])
})
