import { Session, SignedInList, type SignedIn } from '@wikistead/contracts'
import { sessionId, type SessionRow } from '@wikistead/store'
import { z } from 'zod'
import { requireActor, type Acting } from '../access/acting.ts'
import { freshUntil, signInAgain, usualFreshForMs } from '../access/fresh-sign-in.ts'
import type { ApiDeps } from '../deps.ts'
import { presentUser } from '../answers/present.ts'
import { refused, type Routes } from '../routes.ts'

const time = (ms: number): string => new Date(ms).toISOString()

/** Who is signed in, where else, and ending that. */
export function sessionRoutes(routes: Routes, { store, freshForMs = usualFreshForMs }: ApiDeps): void {
  routes.get(
    '/v1/session',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Who is asking',
        description:
          'Answered to everybody. A browser that is signed in finds here what goes into `X-CSRF-Token`.',
        response: { 200: Session, ...refused },
      },
    },
    async ({ acting, session }, reply) => {
      void reply.header('cache-control', 'no-store')
      return {
        user: acting === undefined ? null : await presentUser(store, acting.user),
        csrf_token: session?.csrf_token ?? null,
        expires_at: session === undefined ? null : time(session.expires_at),
        ...freshnessOf(acting, session, freshForMs, store.now()),
      }
    },
  )

  routes.get(
    '/v1/sessions',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Where I am signed in',
        response: { 200: SignedInList, ...refused },
      },
    },
    async (request) => {
      const rows = await store.sessions.of(requireActor(request).user_id)
      return { sessions: rows.map((row) => shown(row, request.acting?.hash)) }
    },
  )

  routes.delete(
    '/v1/sessions/:id',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'End one of my sign-ins, and the tokens and offers that were made in it',
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { user_id: userId } = requireActor(request)
      await store.transaction(({ sessions }) => sessions.endById(userId, request.params.id))
      return reply.code(204).send(null)
    },
  )

  routes.delete(
    '/v1/users/:id/sessions',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'End all sign-ins of a user, and what was made in them, for an admin',
        params: z.object({ id: z.coerce.number().int().positive() }),
        response: { 204: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { user_id: userId } = await store.users.get(request.params.id)
      await store.transaction(({ sessions }) => sessions.revokeAllOf(userId))
      return reply.code(204).send(null)
    },
  )
}

function freshnessOf(
  acting: Acting | undefined,
  session: SessionRow | undefined,
  freshForMs: number,
  now: number,
): Pick<Session, 'fresh_until' | 'sign_in_again'> {
  if (acting === undefined || session === undefined) return { fresh_until: null, sign_in_again: null }
  const until = freshUntil(acting, { freshForMs }, now)
  return {
    fresh_until: until === null ? null : time(Math.min(until, session.expires_at)),
    sign_in_again: signInAgain(acting),
  }
}

const shown = (row: SessionRow, current: string | undefined): SignedIn => ({
  id: sessionId(row),
  current: row.session_hash === current,
  user_agent: row.user_agent,
  created_at: time(row.created_at),
  seen_at: time(row.seen_at),
  made_from: row.made_from,
  seen_from: row.seen_from,
  expires_at: time(row.expires_at),
})
