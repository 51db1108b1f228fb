import { z } from 'zod'
import { requireActor } from '../access/acting.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { beginSession } from './begin-session.ts'
import type { Cookies } from './cookies.ts'
import { makeLocalLink, takeLocalLink } from './local-link.ts'

const SignInLink = z.object({ url: z.string(), expires_at: z.iso.datetime() })

/** Signing in without a provider: by a one-time link that this machine's owner is told. */
export function localRoutes(routes: Routes, { store, publicUrl }: ApiDeps, cookies: Cookies): void {
  routes.post(
    '/auth/local',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Make a link that signs a browser in as me, once, for an admin',
        response: { 201: SignInLink, ...refused },
      },
    },
    async (request, reply) => {
      const link = await makeLocalLink(store, publicUrl(), requireActor(request).user_id)
      return reply.code(201).send({ url: link.url, expires_at: new Date(link.expiresAt).toISOString() })
    },
  )

  routes.get(
    '/auth/local',
    {
      // Who only looks at a link must not use it up.
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Sign in by a one-time link',
        querystring: z.object({ token: z.string().max(200).default('') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const userId = await takeLocalLink(store, request.query.token)
      await beginSession(store, cookies, request, reply, { userId })
      return reply.code(302).header('location', '/').send(null)
    },
  )
}
