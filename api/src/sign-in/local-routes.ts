import { z } from 'zod'
import { requireActing } from '../access/acting.ts'
import { requireMakerOfCredential, scopesNow } from '../access/lasting.ts'
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
        description:
          'The sign-in may do no more than the token that made the link, and ends with it. One by the token of the data folder is not limited so.',
        response: { 201: SignInLink, ...refused },
      },
    },
    async (request, reply) => {
      const acting = requireActing(request)
      const { madeBy } = requireMakerOfCredential(acting)
      const isOwner = acting.proof.by === 'owner_of_machine'
      const maker = { madeBy, scopes: scopesNow(acting), endsAt: acting.endsAt, isOwner }
      const link = await makeLocalLink(store, publicUrl(), acting.user.user_id, maker)
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
      const session = await takeLocalLink(store, request.query.token)
      await beginSession(store, cookies, request, reply, session)
      return reply.code(302).header('location', '/').send(null)
    },
  )
}
