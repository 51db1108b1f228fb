/** A browser's session as a source of who acts, with the protection that cookies need. */
import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import type { SessionRow, Store } from '@wikistead/store'
import type { FastifyRequest } from 'fastify'
import { actingBySession, type ActingSource } from '../access/acting.ts'
import type { Cookies } from './cookies.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the browser that asks. */
    session: SessionRow | undefined
  }
}

/** A cookie that leads to no session is none: who has one may still do what anybody may. */
export const cookieSessions =
  (store: Store, cookies: Cookies): ActingSource =>
  async (request) => {
    const value = cookies.session(request)
    const found = value === undefined ? undefined : await store.sessions.byValue(value)
    if (found === undefined) return undefined
    requireOurPage(request, found.session)
    const session = await store.sessions.seen(found, store.now(), request.ip)
    request.session = session
    return actingBySession({ ...found, session })
  }

/**
 * Browsers send cookies whoever wrote the page. What changes something must come from a page of ours: one that could
 * read the session's token. @throws Refusal `csrf_mismatch`
 */
function requireOurPage({ method, headers }: FastifyRequest, { csrf_token: token }: SessionRow): void {
  if (method === 'GET' || method === 'HEAD') return
  const given = headers['x-csrf-token']
  const from = headers['sec-fetch-site']
  if (typeof given === 'string' && isSame(given, token) && (from === undefined || from === 'same-origin')) {
    return
  }
  throw new Refusal(
    'csrf_mismatch',
    'This did not come from a page of this installation, or the page is older than your sign-in. Load it again.',
  )
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
