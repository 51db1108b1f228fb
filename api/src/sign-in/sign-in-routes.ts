/** Everything of sign-in that is asked over HTTP. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { RateLimiter } from '../access/rate-limits.ts'
import type { ApiDeps } from '../deps.ts'
import { backChannelLogoutRoute } from './back-channel-logout-route.ts'
import type { Cookies } from './cookies.ts'
import { confirmHubLinkRoutes, hubLinkRoute } from './hub-link-route.ts'
import { hubSignInRoutes } from './hub-sign-in-routes.ts'
import { localRoutes } from './local-routes.ts'
import { answerPages } from './pages.ts'
import type { Provider } from './provider.ts'
import { providerRoutes } from './provider-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { signOutRoute } from './sign-out-route.ts'

interface SignInParts {
  readonly cookies: Cookies
  readonly provider: Provider | undefined
  readonly limiter: RateLimiter
}

export function signInRoutes(
  scope: FastifyInstance,
  deps: ApiDeps,
  { cookies, provider, limiter }: SignInParts,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  sessionRoutes(routes, deps)
  confirmHubLinkRoutes(routes, deps)
  signOutRoute(routes, deps, cookies, provider)
  void scope.register(async (opened) => {
    answerPages(opened, limiter)
    const pages = opened.withTypeProvider<ZodTypeProvider>()
    localRoutes(pages, deps, cookies)
    providerRoutes(pages, deps, cookies, provider)
    hubLinkRoute(pages, deps)
    hubSignInRoutes(pages, deps, cookies)
    void opened.register(async (called) => {
      backChannelLogoutRoute(called, deps, provider)
    })
  })
}
