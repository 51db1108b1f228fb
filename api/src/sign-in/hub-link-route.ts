import { randomBytes } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import { z } from 'zod'
import { requireActing, requireActor } from '../access/acting.ts'
import { requireLasting } from '../access/lasting.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { requireOwnLink } from './own-link.ts'
import { endsAt } from './pages.ts'

const lifetimeMs = 10 * 60_000

/** To the hub, with a code that says there who one is here; the hub gives it back with the account to link. */
export function hubLinkRoute(routes: Routes, { store, service }: ApiDeps): void {
  routes.get(
    '/auth/link/hub',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Link my account on the MediaWiki hub, by confirming it there',
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      endsAt(request, '/account')
      requireOwnLink(request)
      requireLasting(requireActing(request))
      if (service === undefined) {
        throw new Refusal(
          'sign_in_off',
          'This farm has no hub whose accounts could be linked. An operator sets it up in the configuration.',
        )
      }
      const code = randomBytes(32).toString('base64url')
      await store.once.keep('hub_link', code, { lifetimeMs, userId: requireActor(request).user_id })
      const url = `${service.issuer}/index.php?title=Special:WikiFarm/Link&code=${code}`
      return reply.code(302).header('location', url).send(null)
    },
  )
}
