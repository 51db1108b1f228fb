import { HubLink, Refusal } from '@wikistead/contracts'
import { z } from 'zod'
import { requireActing } from '../access/acting.ts'
import { noteForAudit } from '../access/audit-trail.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { beginHubLink, confirmHubLink, seeHubLink } from './hub-link.ts'
import { localPath } from './local-path.ts'
import { requireOwnLink } from './own-link.ts'
import { endsAt } from './pages.ts'

/** To the hub, with a code that says there what was begun here. */
export function hubLinkRoute(routes: Routes, { store, service }: ApiDeps): void {
  routes.get(
    '/auth/link/hub',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Link my account on the MediaWiki hub: say there which it is, and confirm it here',
        querystring: z.object({ return_to: z.string().default('/account') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      endsAt(request, '/account')
      requireOwnLink(request)
      if (service === undefined) {
        throw new Refusal(
          'sign_in_off',
          'This farm has no hub whose accounts could be linked. An operator sets it up in the configuration.',
        )
      }
      const code = await beginHubLink(store, requireActing(request), localPath(request.query.return_to))
      const url = `${service.issuer}/index.php?title=Special:WikiFarm/Link&code=${code}`
      return reply.code(302).header('location', url).send(null)
    },
  )
}

/** The last step, for the browser that comes back from the hub. */
export function confirmHubLinkRoutes(routes: Routes, { store }: ApiDeps): void {
  const params = z.object({ secret: z.string().min(1).max(200) })

  routes.get(
    '/v1/hub-links/:secret',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Which account of the hub would become mine',
        description: 'Only in the session that began to link.',
        params,
        response: { 200: HubLink, ...refused },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return seeHubLink(store, request.params.secret, requireActing(request))
    },
  )

  routes.post(
    '/v1/hub-links/:secret/accept',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Make that account of the hub mine, with all that it has',
        description: 'Only in the session that began to link, once.',
        params,
        response: { 200: HubLink, ...refused },
      },
    },
    async (request) => {
      const acting = requireActing(request)
      noteForAudit(request, { action: 'link_identity', subject: `user/${String(acting.user.user_id)}` })
      return confirmHubLink(store, request.params.secret, acting)
    },
  )
}
