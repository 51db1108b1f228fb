/** What is no word of the provider that somebody has signed out there. */
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { readLogoutToken } from './logout-token.ts'

const of = { issuer: 'https://login.example.org', audience: 'wikistead' }
const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
const now = 1_800_000_000_000
const good = {
  ...{ iss: of.issuer, aud: of.audience, iat: now / 1_000, jti: 'one', sub: 'ada', sid: 'a-session', events },
}

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

let key: SigningKey
let keys: () => Promise<ReturnType<typeof createLocalJWKSet>>
let asked = 0
beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  key = pair.privateKey
  const set = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256' }] })
  keys = () => {
    asked += 1
    return Promise.resolve(set)
  }
})

const signed = (
  claims: object,
  header: Partial<JWTHeaderParameters> = {},
  by: SigningKey | Uint8Array = key,
) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'logout+jwt', ...header })
    .sign(by)
const read = (token: string) => readLogoutToken(token, of, keys, now)

test('a word of the provider names whom or which session it means, and counts once until it is over', async () => {
  expect(await read(await signed(good))).toEqual({
    ...{ subject: 'ada', session: 'a-session', number: 'one', expiresAt: now + 630_000 },
  })
  expect(await read(await signed({ ...good, sid: undefined }))).toMatchObject({ subject: 'ada' })
  expect(await read(await signed({ ...good, sub: undefined }))).toMatchObject({ session: 'a-session' })
  expect(await read(await signed({ ...good, aud: ['another', of.audience] }))).toMatchObject({
    number: 'one',
  })
  expect(await read(await signed(good, { typ: 'JWT' }))).toMatchObject({ number: 'one' })
})

describe('it is none', () => {
  test.each([
    ['of another provider', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'another' }],
    ['that is too old', { iat: now / 1_000 - 700 }],
    ['of a time to come', { iat: now / 1_000 + 700 }],
    ['that says no time', { iat: undefined }],
    ['whose time is over', { exp: now / 1_000 - 60 }],
    ['without a number', { jti: undefined }],
    ['that names nobody', { sub: undefined, sid: undefined }],
    ['of an ID token, by its nonce', { nonce: 'n' }],
    ['without its event', { events: undefined }],
    ['of another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['whose event is no object', { events: { [Object.keys(events)[0] ?? '']: 'yes' } }],
  ])('%s', async (_what, change) => {
    await expect(read(await signed({ ...good, ...change }))).rejects.toMatchObject({
      code: 'logout_token_invalid',
    })
  })

  test('by a key that is not the provider’s, by its public key as a secret, or by none', async () => {
    const other = await generateKeyPair('RS256')
    const secret = new TextEncoder().encode('what everybody may read of the provider’s keys')
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const token of [
      await signed(good, {}, other.privateKey),
      await signed(good, { kid: 'unknown' }, other.privateKey),
      await signed(good, { alg: 'HS256' }, secret),
      `${part({ alg: 'none' })}.${part(good)}.`,
      'not.a.token',
      'nonsense',
    ]) {
      await expect(read(token)).rejects.toMatchObject({ code: 'logout_token_invalid' })
    }
  })

  test('of another kind', async () => {
    const token = await signed(good, { typ: 'at+jwt' })
    await expect(read(token)).rejects.toMatchObject({ code: 'logout_token_invalid' })
  })

  test('and the provider is asked for no keys by what is not for us', async () => {
    const before = asked
    for (const change of [{ iss: 'https://evil.example' }, { aud: 'another' }, { events: undefined }]) {
      await expect(read(await signed({ ...good, ...change }))).rejects.toThrow()
    }
    expect(asked).toBe(before)
  })
})
