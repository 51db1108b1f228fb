/** A sign-in that is at the provider: kept in the store, taken once, by the browser that began it. */
import { createHash, randomBytes } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { signInMs, type Cookies } from './cookies.ts'
import type { Checks } from './provider.ts'

export interface UnderWay {
  readonly checks: Checks
  readonly returnTo: string
  /** Whose account the identity is to be added to; null: a plain sign-in. */
  readonly linkTo: number | null
  /** Who is signed in is to show once more who they are. */
  readonly fresh: boolean
}

export async function keepUnderWay(
  store: Store,
  cookies: Cookies,
  request: FastifyRequest,
  reply: FastifyReply,
  { checks, returnTo, linkTo, fresh }: UnderWay,
): Promise<void> {
  await store.once.keep('sign_in', checks.state, {
    lifetimeMs: signInMs,
    detail: { ...checks, return_to: returnTo, browser: markBrowser(cookies, request, reply), fresh },
    userId: linkTo,
  })
}

/** The print of the cookie by which the browser that begins is known again. */
export function markBrowser(cookies: Cookies, request: FastifyRequest, reply: FastifyReply): string {
  // One for all tabs: the second must not make the first one's worthless.
  const browser = cookies.browser(request) ?? randomBytes(32).toString('base64url')
  cookies.setBrowser(reply, browser)
  return hashOf(browser)
}

/** Whether it is the browser of that print that asks. */
export function isBrowser(cookies: Cookies, request: FastifyRequest, print: unknown): boolean {
  const asking = cookies.browser(request)
  return asking !== undefined && hashOf(asking) === print
}

/** It was not begun, not here, not in time, or came back before. */
export const notBegunHere = (): Refusal =>
  new Refusal(
    'sign_in_failed',
    'This sign-in was not begun in this browser, took longer than ten minutes, or has ended already. Sign in again.',
  )

/** @throws Refusal `sign_in_failed` when it was not begun, not here, not in time, or came back before */
export async function takeUnderWay(
  store: Store,
  cookies: Cookies,
  request: FastifyRequest,
  state: string,
): Promise<UnderWay> {
  const kept = await store.once.take('sign_in', state)
  const { nonce, verifier, return_to: returnTo, browser, fresh } = kept?.detail ?? {}
  if (
    typeof nonce !== 'string' ||
    typeof verifier !== 'string' ||
    typeof returnTo !== 'string' ||
    !isBrowser(cookies, request, browser)
  ) {
    throw notBegunHere()
  }
  const checks = { state, nonce, verifier }
  return { checks, returnTo, linkTo: kept?.userId ?? null, fresh: fresh === true }
}

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
