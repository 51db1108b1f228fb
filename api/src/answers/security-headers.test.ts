import { startApiUnderTest, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let api: ApiUnderTest
beforeAll(async () => {
  api = started.use(
    await startApiUnderTest({
      deps: { publicUrl: () => 'https://farm.example.net', securityContact: 'mailto:security@example.net' },
    }),
  )
})
afterAll(() => started.disposeAsync())

test.each([
  ['an answer', 'GET', '/healthz', 200],
  ['a list', 'GET', '/v1/wikis', 200],
  ['a refusal', 'GET', '/v1/users/me', 401],
  ['what is not there', 'GET', '/nothing', 404],
  ['a bad request', 'GET', '/v1/wikis?limit=x', 400],
  ['a redirection or a page', 'GET', '/auth/sign-in', 503],
  ['the description', 'GET', '/openapi.json', 200],
  ['the reference', 'GET', '/reference/', 200],
  ['its script', 'GET', '/reference/js/scalar.js', 200],
  ['what changes something', 'POST', '/v1/wikis', 401],
] as const)(
  '%s is framed by nobody, taken for nothing else, and asked for by HTTPS alone',
  async (_what, method, path, status) => {
    const answer = await api.ask(method, path, method === 'POST' ? { body: {} } : {})
    expect(answer).toMatchObject({
      status,
      headers: {
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'.*frame-ancestors 'none'/,
        ) as string,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'strict-transport-security': 'max-age=31536000',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      },
    })
  },
)

test('without HTTPS nobody is kept to it', async () => {
  await using plain = await startApiUnderTest()
  expect((await plain.ask('GET', '/healthz')).headers).not.toHaveProperty('strict-transport-security')
})

test('who found a hole is told where to tell of it, for three months', async () => {
  const { status, headers, text } = await api.ask('GET', '/.well-known/security.txt')
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(text).toContain('Contact: mailto:security@example.net\n')
  expect(text).toContain('Canonical: https://farm.example.net/.well-known/security.txt\n')
  expect(new Date(/^Expires: (.*)$/m.exec(text)?.[1] ?? '').getTime()).toBeGreaterThan(Date.now())
  await using silent = await startApiUnderTest()
  expect((await silent.ask('GET', '/.well-known/security.txt')).status).toBe(404)
})
