/** Everything of sign-in that is asked over HTTP. */
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ApiDeps } from '../deps.ts'
import type { Cookies } from './cookies.ts'
import { hubLinkRoute } from './hub-link-route.ts'
import { localRoutes } from './local-routes.ts'
import { answerPages } from './pages.ts'
import type { Provider } from './provider.ts'
import { providerRoutes } from './provider-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { signOutRoute } from './sign-out-route.ts'

export function signInRoutes(
  scope: FastifyInstance,
  deps: ApiDeps,
  cookies: Cookies,
  provider: Provider | undefined,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  sessionRoutes(routes, deps)
  signOutRoute(routes, deps, cookies, provider)
  void scope.register(async (opened) => {
    answerPages(opened)
    const pages = opened.withTypeProvider<ZodTypeProvider>()
    localRoutes(pages, deps, cookies)
    providerRoutes(pages, deps, cookies, provider)
    hubLinkRoute(pages, deps)
  })
}
