/** The signer is PHP, in the MediaWiki extension: what it makes is taken here, and nothing else. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readServiceToken, type ServiceTrust } from './service-token.ts'

interface Vectors {
  readonly issuer: string
  readonly audience: string
  readonly key_id: string
  readonly secret: string
  readonly tokens: readonly {
    readonly name: string
    readonly request: { readonly method: string; readonly target: string }
    readonly user: { readonly id: number; readonly name: string; readonly rights: readonly string[] }
    readonly now: number
    readonly number: string
    readonly token: string
  }[]
}

const file = new URL('../../../extension/tests/service-token-vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
const bytes = (secret: string) => new TextEncoder().encode(secret)
const trust: ServiceTrust = {
  keys: (id) =>
    ({
      2026: [bytes('the one that comes after: 01234567890'), bytes(vectors.secret)],
      2025: [bytes('the secret before this one: 9876543210')],
    })[id] ?? [],
  issuer: vectors.issuer,
  audience: () => vectors.audience,
}

test.each(vectors.tokens)(
  'takes what the extension signs: $name',
  async ({ token, request, user, now, number }) => {
    expect(await readServiceToken(token, trust, request, new Date(now * 1000))).toMatchObject({
      ...{ issuer: vectors.issuer, account: String(user.id), name: user.name, rights: user.rights, number },
    })
  },
)

const now = 1_790_000_000
const request = { method: 'POST', target: '/provisioner/v1/wikis?a=1' }
const claims = {
  ...{ iss: vectors.issuer, aud: vectors.audience, sub: '7', name: 'Ada', rights: ['create-wiki'] },
  ...{ iat: now, exp: now + 30, jti: 'A'.repeat(32), ...request, body: 'x'.repeat(43) },
}
const header = { alg: 'HS256', typ: 'wikistead-request+jwt', kid: '2026' }

interface Made {
  readonly header?: object
  readonly claims?: object
  readonly secret?: string
  readonly hash?: string
  readonly signature?: string
}

/** By hand: a library would not make all of these. */
function made({
  header: h = {},
  claims: c = {},
  secret = vectors.secret,
  hash = 'sha256',
  signature,
}: Made): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ ...header, ...h })}.${part({ ...claims, ...c })}`
  return `${signed}.${signature ?? createHmac(hash, secret).update(signed).digest('base64url')}`
}

const read = (token: string, asked = request, at = now) =>
  readServiceToken(token, trust, asked, new Date(at * 1000))

test('takes one that was made by hand, and one of the key before', async () => {
  expect(await read(made({}))).toMatchObject({ account: '7', number: 'A'.repeat(32) })
  const old = made({ header: { kid: '2025' }, secret: 'the secret before this one: 9876543210' })
  expect(await read(old)).toMatchObject({ account: '7' })
})

describe('refuses', () => {
  const missing = Object.keys(claims).map((name): [string, Made] => [
    `one that says no ${name}`,
    { claims: { [name]: undefined } },
  ])
  test.each<[string, Made]>([
    ['a forged signature', { signature: 'A'.repeat(43) }],
    ['no signature', { signature: '' }],
    ['another secret', { secret: 'a secret that is nobody’s at all 0123456789' }],
    ['a known secret under the id of another', { header: { kid: '2025' } }],
    ['an unknown key', { header: { kid: '2027' } }],
    ['no key id', { header: { kid: undefined } }],
    ['alg none', { header: { alg: 'none' }, signature: '' }],
    ['alg none with a good signature', { header: { alg: 'none' } }],
    ['another algorithm', { header: { alg: 'HS512' }, hash: 'sha512' }],
    ['another kind of token', { header: { typ: 'JWT' } }],
    ['no kind of token', { header: { typ: undefined } }],
    ['a critical extension', { header: { crit: ['more'], more: true } }],
    ['an expired one', { claims: { iat: now - 60, exp: now - 30 } }],
    ['one of tomorrow', { claims: { iat: now + 86_400, exp: now + 86_430 } }],
    ['one that is not valid yet', { claims: { nbf: now + 30 } }],
    ['one that is good for an hour', { claims: { exp: now + 3600 } }],
    ['one that was made long ago for long', { claims: { iat: now - 3600, exp: now + 30 } }],
    ['another audience', { claims: { aud: 'http://127.0.0.1:8411' } }],
    ['another hub', { claims: { iss: 'https://other.example' } }],
    ['another method', { claims: { method: 'GET' } }],
    ['another path', { claims: { target: '/provisioner/v1/links?a=1' } }],
    ['another query', { claims: { target: '/provisioner/v1/wikis?a=2' } }],
    ['nobody', { claims: { sub: '0' } }],
    ['a name where an id belongs', { claims: { sub: 'Ada' } }],
    ['rights that are no list', { claims: { rights: 'create-wiki' } }],
    ['a number that is too short to be one', { claims: { jti: '1' } }],
    ...missing,
  ])('%s', async (_name, of) => {
    await expect(read(made(of))).rejects.toMatchObject({ code: 'service_token_invalid' })
  })

  test.each(['', 'a', 'a.b.c', '..', `${made({})}.${made({})}`, made({}).slice(0, -2)])(
    'what is no token: %s',
    async (token) => {
      await expect(read(token)).rejects.toMatchObject({ code: 'service_token_invalid' })
    },
  )

  test('the same one later', async () => {
    await expect(read(made({}), request, now + 36)).rejects.toMatchObject({ code: 'service_token_invalid' })
  })
})
