/**
 * How we show a real provider that we are its client: what it says of itself need not be so for us. That it takes one way only
 * is a stand-in's doing, in front of it.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { createLogger, startApiUnderTest, testPublicUrl } from '@wikistead/test/api-under-test'
import { Browser } from '@wikistead/test/browser'
import { startOidcProvider } from '@wikistead/test/oidc-provider'
import { atCallback, testClient } from '@wikistead/test/sign-in'
import { expect, test } from 'vitest'
import type { ProviderSettings } from '../deps.ts'
import { Provider } from './provider.ts'

/** A sign-in of a member, and what it left in the log. */
async function signIn(
  client: Partial<typeof testClient>,
  settings: Partial<ProviderSettings> = {},
  change: (issuer: string) => void = () => undefined,
) {
  await using started = new AsyncDisposableStack()
  const provider = started.use(await startOidcProvider([{ ...testClient, ...client }]))
  const lines: Record<string, unknown>[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n'))
        lines.push(JSON.parse(line) as Record<string, unknown>)
      done()
    },
  })
  const there: ProviderSettings = {
    ...{
      issuer: provider.issuer,
      clientId: testClient.id,
      clientSecret: testClient.secret,
      name: 'Test login',
    },
    ...{ scopes: 'openid profile', adminSubjects: [], ...settings },
  }
  const logger = createLogger('warn', sink)
  const api = started.use(await startApiUnderTest({ deps: { provider: there, logger } }))
  const browser = new Browser(api, testPublicUrl)
  await browser.keep('member=ada; Path=/', provider.issuer)
  change(provider.issuer)
  const { status, body } = await browser.ask('GET', await atCallback(browser))
  const { parts } = (await api.ask('GET', '/readyz')).body as { parts: readonly { part: string }[] }
  const found = await new Provider(there, () => testPublicUrl, createLogger('silent')).examine()
  return {
    ...{ status, code: body['code'], message: (body['detail'] ?? '') as string, who: await browser.who() },
    ...{ lines, text: JSON.stringify(lines), health: parts.find(({ part }) => part === 'sign-in provider') },
    examined: found,
  }
}

test.each(['client_secret_basic', 'client_secret_post'] as const)(
  'a provider that names both ways and has %s for this client lets members in',
  async (authMethod) => {
    const found = await signIn({ authMethod })
    expect(found).toMatchObject({ status: 302, who: 'ada', health: { ok: true }, examined: { ok: true } })
    const set = await signIn({ authMethod }, { clientAuth: authMethod })
    expect(set).toMatchObject({ status: 302, who: 'ada', lines: [], examined: { ok: true } })
  },
)

test('the way that is set is the only one that is tried', async () => {
  const found = await signIn({ authMethod: 'client_secret_post' }, { clientAuth: 'client_secret_basic' })
  expect(found).toMatchObject({ status: 503, code: 'sign_in_unavailable', who: undefined })
  expect(found.text).toContain('invalid_client: this client is registered with client_secret_post')
  expect(found.lines.filter(({ client_auth: way }) => way !== undefined)).toHaveLength(1)
})

test('a wrong secret is the operator’s to mend: the member hears that it is not theirs, the log what the provider said', async () => {
  const wrong = 'a-secret-of-another-client'
  const found = await signIn({}, { clientSecret: wrong })
  expect(found).toMatchObject({ status: 503, code: 'sign_in_unavailable', who: undefined })
  expect(found.message).toMatch(/not your fault/)
  expect(found.message).not.toMatch(/trusted|client/)
  expect(found.text).toContain('invalid_client: client authentication failed')
  expect(found.text).not.toContain(wrong)
  for (const part of [found.health, found.examined]) {
    expect(part).toMatchObject({
      ...{
        ok: false,
        detail: expect.stringContaining('invalid_client: client authentication failed') as string,
      },
      mend: expect.stringContaining('oidc-client-auth') as string,
    })
  }
})

test('a client that the provider does not know is told of, too', async () => {
  const provider = await startOidcProvider([{ ...testClient, id: 'another' }])
  await using _ = provider
  const settings = { issuer: provider.issuer, clientId: testClient.id, clientSecret: testClient.secret }
  const there = new Provider(
    { ...settings, scopes: 'openid', adminSubjects: [], name: 'Test login' },
    () => testPublicUrl,
    createLogger('silent'),
  )
  expect(await there.examine()).toMatchObject({
    ok: false,
    detail: expect.stringContaining('invalid_client') as string,
  })
})

test.each([
  [
    'an error in a body',
    400,
    {},
    { error: 'invalid_request', error_description: 'client_secret is missing' },
  ],
  ['a bare challenge', 401, { 'www-authenticate': 'Basic realm="clients"' }, undefined],
] as const)(
  'a scripted provider that takes the secret in the body only, and says so by %s, is shown it there',
  async (_what, status, headers, refusal) => {
    const asked: string[] = []
    const server = createServer((req, res) => {
      const answer = (code: number, body: unknown, more = {}) =>
        res.writeHead(code, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body))
      const { port } = server.address() as AddressInfo
      const issuer = `http://127.0.0.1:${String(port)}`
      if (req.url !== '/token') {
        const authorization_endpoint = `${issuer}/authorize`
        return answer(200, {
          ...{
            issuer,
            authorization_endpoint,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
          },
          ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
          id_token_signing_alg_values_supported: ['RS256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        })
      }
      let body = ''
      req.on('data', (chunk) => (body += String(chunk)))
      return req.on('end', () => {
        const way = new URLSearchParams(body).has('client_secret') ? 'body' : 'header'
        asked.push(way)
        if (way === 'header') return answer(status, refusal ?? '', headers)
        return answer(400, { error: 'invalid_grant' })
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
      const settings = { issuer, clientId: 'wikistead', clientSecret: 'a secret', scopes: 'openid' }
      const provider = new Provider(
        { ...settings, adminSubjects: [], name: 'Scripted' },
        () => testPublicUrl,
        createLogger('silent'),
      )
      expect(await provider.examine()).toMatchObject({ ok: true })
      expect(asked).toEqual(['header', 'body'])
      // From then on it is known.
      expect(await provider.examine()).toMatchObject({ ok: true })
      expect(asked).toEqual(['header', 'body', 'body'])
    } finally {
      server.close()
      server.closeAllConnections()
    }
  },
)
