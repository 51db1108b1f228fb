import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import type { Cookies } from './cookies.ts'

const SignedOut = z.object({
  redirect: z.string().nullable().describe('Where to go to sign out at the provider too'),
})

export function signOutRoute(routes: Routes, { store }: ApiDeps, cookies: Cookies): void {
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
      return { redirect: null }
    },
  )
}
