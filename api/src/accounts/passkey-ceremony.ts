/** WebAuthn's two ceremonies, making a passkey and signing in by one, each begun and ended in one browser. */
import { createHash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { Refusal } from '@wikistead/contracts'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { NewPasskey, PasskeyRow } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountParts } from './account-parts.ts'

const ceremonyMs = 5 * 60_000
/** EdDSA, ES256 and RS256: what authenticators have. The default asks Node what is experimental there. */
const supportedAlgorithmIDs = [-8, -7, -257]

interface RelyingParty {
  /** A domain: authenticators know no addresses. */
  readonly rpID: string
  readonly origin: string
}

/** Whether browsers that come to this address can have passkeys for it. */
export const hasPasskeys = (publicUrl: string): boolean => {
  const { hostname, protocol } = new URL(publicUrl)
  return (
    isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0 && (protocol === 'https:' || hostname === 'localhost')
  )
}

/** @throws Refusal `passkeys_off` */
function relyingParty({ deps }: AccountParts): RelyingParty {
  const url = deps.publicUrl()
  if (hasPasskeys(url)) return { rpID: new URL(url).hostname, origin: new URL(url).origin }
  throw new Refusal(
    'passkeys_off',
    'Browsers have passkeys for an https:// address with a name only, and for localhost. An operator sets public-url.',
  )
}

/** What the browser is handed to make a passkey for somebody; `userId` where they are known already. */
export async function beginPasskey(
  parts: AccountParts,
  request: FastifyRequest,
  reply: FastifyReply,
  whose: { readonly name: string; readonly userId: number | null },
): Promise<Record<string, unknown>> {
  const { rpID } = relyingParty(parts)
  const have = whose.userId === null ? [] : await parts.deps.store.passkeys.of(whose.userId)
  const options = await generateRegistrationOptions({
    ...{ rpID, rpName: 'Wikistead', userName: whose.name, attestationType: 'none' },
    supportedAlgorithmIDs,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: have.map(({ credential_id: id }) => ({ id })),
  })
  await keepChallenge(parts, request, reply, options.challenge, { act: 'make', userId: whose.userId })
  return { ...options }
}

/** @throws Refusal `passkey_invalid` */
export async function madePasskey(
  parts: AccountParts,
  request: FastifyRequest,
  { response, label }: { readonly response: unknown; readonly label: string },
  userId: number | null,
): Promise<NewPasskey> {
  const { rpID, origin } = relyingParty(parts)
  const given = response as RegistrationResponseJSON
  const challenge = await takeChallenge(parts, request, given, { act: 'make', userId })
  const { verified, registrationInfo: info } = await believed(() =>
    verifyRegistrationResponse({
      ...{ response: given, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpID },
      supportedAlgorithmIDs,
      requireUserVerification: true,
    }),
  )
  if (!verified) throw invalid()
  const { id, publicKey, counter, transports = [] } = info.credential
  return {
    ...{ credentialId: id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, label },
    transports: transports.slice(0, 10),
  }
}

/** What the browser is handed to sign in by any passkey of this farm. */
export async function beginPasskeySignIn(
  parts: AccountParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Record<string, unknown>> {
  const { rpID } = relyingParty(parts)
  const options = await generateAuthenticationOptions({ rpID, userVerification: 'required' })
  await keepChallenge(parts, request, reply, options.challenge, { act: 'sign_in', userId: null })
  return { ...options }
}

/** Whose passkey it is. @throws Refusal `passkey_invalid` */
export async function signedInByPasskey(
  parts: AccountParts,
  request: FastifyRequest,
  response: unknown,
): Promise<PasskeyRow> {
  const { rpID, origin } = relyingParty(parts)
  const { store } = parts.deps
  const given = response as AuthenticationResponseJSON
  const challenge = await takeChallenge(parts, request, given, { act: 'sign_in', userId: null })
  const passkey = await store.passkeys.byCredential(given.id)
  if (passkey === undefined) throw invalid()
  const { verified, authenticationInfo: info } = await believed(() =>
    verifyAuthenticationResponse({
      ...{ response: given, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpID },
      credential: {
        ...{ id: passkey.credential_id, counter: passkey.counter },
        publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')),
        transports: passkey.transports.split(' ').filter(Boolean),
      },
      requireUserVerification: true,
    }),
  )
  if (!verified) throw invalid()
  await store.passkeys.used(passkey, info.newCounter)
  return passkey
}

interface Ceremony {
  readonly act: 'make' | 'sign_in'
  readonly userId: number | null
}

async function keepChallenge(
  { deps: { store }, cookies }: AccountParts,
  request: FastifyRequest,
  reply: FastifyReply,
  challenge: string,
  { act, userId }: Ceremony,
): Promise<void> {
  const browser = cookies.browser(request) ?? randomBytes(32).toString('base64url')
  await store.once.keep('passkey_challenge', challenge, {
    ...{ lifetimeMs: ceremonyMs, userId, detail: { act, browser: hashOf(browser) } },
  })
  cookies.setBrowser(reply, browser)
}

/** The challenge that was answered, once, in the browser that it was for. @throws Refusal `passkey_invalid` */
async function takeChallenge(
  { deps: { store }, cookies }: AccountParts,
  request: FastifyRequest,
  { response }: RegistrationResponseJSON | AuthenticationResponseJSON,
  { act, userId }: Ceremony,
): Promise<string> {
  const challenge = challengeOf(response.clientDataJSON)
  const kept = await store.once.take('passkey_challenge', challenge)
  const browser = cookies.browser(request)
  const isOurs = browser !== undefined && kept?.detail['browser'] === hashOf(browser)
  if (!isOurs || kept?.detail['act'] !== act || kept.userId !== userId) throw invalid()
  return challenge
}

function challengeOf(clientDataJson: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as {
      readonly challenge?: unknown
    }
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}

/** The library says with errors of its own what is wrong with a response. */
async function believed<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch {
    throw invalid()
  }
}

const invalid = (): Refusal =>
  new Refusal(
    'passkey_invalid',
    'This passkey signs in to no account here, took longer than five minutes, or was answered before. Try again.',
  )

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
