/**
 * A browser in which somebody has signed in to their account before: what strangers try elsewhere is not counted
 * against it, so that nobody can keep them out of their own.
 */
import { randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import type { Store } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../sign-in/cookies.ts'
import { knownBrowserMs } from '../sign-in/cookies.ts'

export async function rememberBrowser(
  store: Store,
  cookies: Cookies,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: number,
): Promise<void> {
  // One for all accounts of the browser.
  const value = cookies.knownBrowser(request) ?? randomBytes(32).toString('base64url')
  meetSecret(value)
  await store.once.keep('known_browser', pairOf(value, userId), { lifetimeMs: knownBrowserMs, userId })
  cookies.setKnownBrowser(reply, value)
}

/** The value of the browser's cookie where the user has signed in there before. */
export async function knownBrowserOf(
  store: Store,
  cookies: Cookies,
  request: FastifyRequest,
  userId: number,
): Promise<string | undefined> {
  const value = cookies.knownBrowser(request)
  if (value === undefined) return undefined
  return (await store.once.see('known_browser', pairOf(value, userId))) && value
}

const pairOf = (value: string, userId: number): string => `${value}/${String(userId)}`
