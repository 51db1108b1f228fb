import type { NewSession, Store } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteForAudit } from '../access/audit-trail.ts'
import type { Cookies } from './cookies.ts'

/**
 * A new session for the browser that asks; the one that it had ends, whoever's it was. What the same person made in that
 * one ends with the new one, where somebody else ends it.
 */
export async function beginSession(
  store: Store,
  cookies: Cookies,
  request: FastifyRequest,
  reply: FastifyReply,
  session: Omit<NewSession, 'userAgent' | 'from'>,
): Promise<void> {
  const before = cookies.session(request)
  const value = await store.transaction(async ({ sessions }) => {
    const ended = before === undefined ? undefined : await sessions.byValue(before)
    const userAgent = request.headers['user-agent'] ?? ''
    const value = await sessions.create({ ...session, userAgent, from: request.ip })
    if (ended === undefined) return value
    const { session_hash: hash, user_id: userId } = ended.session
    await (userId === session.userId ? sessions.replace(hash, value) : sessions.end(hash))
    return value
  })
  noteForAudit(request, { userId: session.userId, by: 'session' })
  cookies.setSession(reply, value)
}
