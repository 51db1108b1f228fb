/** What a hub's extension says of the one who asks: a token for one request, signed as the hub signs it. */
import { createHash, createHmac, randomBytes } from 'node:crypto'

export interface HubAccount {
  readonly id: number
  readonly name: string
  readonly rights: readonly string[]
}

export interface HubForTests {
  readonly url: string
  /** Where its word counts. */
  readonly service: string
  readonly secret: string
}

/** One that vouches for whoever signs in or links. */
export const hubForTests: HubForTests = {
  url: 'https://hub.wikis.test',
  service: 'http://service.test',
  secret: 'a secret for the tests of the hub 0123456789',
}

/** Whose word an API under test takes then. */
export const hubTrust = {
  keys: () => [new TextEncoder().encode(hubForTests.secret)],
  issuer: hubForTests.url,
  audience: () => hubForTests.service,
}

export interface AskedByHub {
  readonly method: string
  /** The path with its query. */
  readonly target: string
  /** '' for none. */
  readonly body: string
  /** Over what it would say itself. */
  readonly claims?: object | undefined
}

/** For the header `authorization`. */
export function hubWord(
  hub: HubForTests,
  as: HubAccount,
  { method, target, body, claims }: AskedByHub,
): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = [
    { alg: 'HS256', typ: 'wikistead-request+jwt', kid: '1' },
    {
      ...{ iss: hub.url, aud: hub.service, sub: String(as.id), name: as.name, rights: as.rights },
      ...{ iat: now, exp: now + 30, jti: randomBytes(24).toString('base64url'), method, target },
      ...{ body: createHash('sha256').update(body).digest('base64url'), ...claims },
    },
  ]
    .map(part)
    .join('.')
  return `Bearer ${signed}.${createHmac('sha256', hub.secret).update(signed).digest('base64url')}`
}
