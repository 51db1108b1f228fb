import type { NewSession, Store } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteForAudit } from '../access/audit-trail.ts'
import type { Cookies } from './cookies.ts'

/** A new session for the browser that asks; the one that it had ends, whoever's it was. */
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
    if (ended !== undefined) await sessions.end(ended.session.session_hash)
    return sessions.create({
      ...session,
      userAgent: request.headers['user-agent'] ?? '',
      from: request.ip,
    })
  })
  noteForAudit(request, { userId: session.userId, by: 'session' })
  cookies.setSession(reply, value)
}
