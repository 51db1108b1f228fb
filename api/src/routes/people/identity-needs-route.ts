import { IdentityNeeds } from '@wikistead/contracts'
import { requireActor } from '../../access/acting.ts'
import { identityNeeds } from '../../access/engine-identity.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** Told before anything is asked for, so that nobody fills in a form in vain. */
export function identityNeedsRoute(routes: Routes, deps: ApiDeps): void {
  routes.get(
    '/v1/users/me/identity-needs',
    {
      schema: {
        tags: ['users'],
        summary: 'Which identities I have still to link before I can have a wiki, engine by engine',
        response: { 200: IdentityNeeds, ...refused },
      },
    },
    async (request) => ({ needs: await identityNeeds(deps, requireActor(request)) }),
  )
}
