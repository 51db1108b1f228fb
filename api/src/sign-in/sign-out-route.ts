import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import type { Cookies } from './cookies.ts'
import type { Provider } from './provider.ts'

const SignedOut = z.object({
  redirect: z.string().nullable().describe('Where to go to sign out at the provider too'),
})

export function signOutRoute(
  routes: Routes,
  { store, publicUrl }: ApiDeps,
  cookies: Cookies,
  provider: Provider | undefined,
): void {
  routes.post(
    '/auth/sign-out',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Sign this browser out',
        response: { 200: SignedOut, ...refused },
      },
    },
    async ({ session }, reply) => {
      if (session !== undefined) await store.sessions.end(session.session_hash)
      cookies.clearSession(reply)
      const idToken = session?.id_token ?? null
      if (provider === undefined || idToken === null) return { redirect: null }
      return { redirect: await provider.signOutUrl(idToken, `${publicUrl()}/`) }
    },
  )
}
