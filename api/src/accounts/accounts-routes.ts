/** Everything of accounts of our own that is asked over HTTP. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ApiDeps } from '../deps.ts'
import type { Cookies } from '../sign-in/cookies.ts'
import { invitationRoutes } from './invitation-routes.ts'
import { joinRoutes } from './join-routes.ts'
import { mailRoutes } from './mail-routes.ts'
import { ownAccountRoutes } from './own-account-routes.ts'
import { ownPasskeyRoutes } from './own-passkey-routes.ts'
import { passkeyRoutes } from './passkey-routes.ts'
import { passwordRoute } from './password-route.ts'
import { secondFactorRoutes } from './second-factor-routes.ts'
import { Tries } from './tries.ts'

export function accountsRoutes(scope: FastifyInstance, deps: ApiDeps, cookies: Cookies): void {
  const parts = { deps, cookies, tries: new Tries(deps.rateLimits?.counter) }
  scope.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store')
  })
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  passwordRoute(routes, parts)
  passkeyRoutes(routes, parts)
  secondFactorRoutes(routes, parts)
  joinRoutes(routes, parts)
  mailRoutes(routes, parts)
  ownPasskeyRoutes(routes, parts)
  ownAccountRoutes(routes, parts)
  invitationRoutes(routes, parts)
}
