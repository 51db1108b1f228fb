import { Refusal } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { beginSession } from './begin-session.ts'
import type { Cookies } from './cookies.ts'
import { localPath } from './local-path.ts'
import type { Provider, SignedInThere } from './provider.ts'
import { keepUnderWay, takeUnderWay } from './under-way.ts'

/** Signing in at the provider. */
export function providerRoutes(
  routes: Routes,
  { store }: ApiDeps,
  cookies: Cookies,
  provider: Provider | undefined,
): void {
  routes.get(
    '/auth/sign-in',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Sign in at the provider',
        querystring: z.object({ return_to: z.string().default('/') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const there = required(provider)
      const returnTo = localPath(request.query.return_to)
      const checks = there.newChecks()
      const url = await there.authorizationUrl(checks, false)
      await keepUnderWay(store, cookies, request, reply, { checks, returnTo, linkTo: null })
      return reply.code(302).header('location', url).send(null)
    },
  )

  routes.get(
    '/auth/callback',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Where the provider sends the browser back to',
        querystring: z.object({ state: z.string().max(1_000).default('') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const there = required(provider)
      const { checks, returnTo } = await takeUnderWay(store, cookies, request, request.query.state)
      const [, search = ''] = /(\?.*)$/s.exec(request.url) ?? []
      const signedIn = await there.finish(search, checks)
      const user = await userOf(store, there, signedIn)
      await beginSession(store, cookies, request, reply, { userId: user.user_id, idToken: signedIn.idToken })
      return reply.code(302).header('location', returnTo).send(null)
    },
  )
}

/** @throws Refusal `sign_in_off` */
function required(provider: Provider | undefined): Provider {
  if (provider !== undefined) return provider
  throw new Refusal(
    'sign_in_off',
    'This installation has no sign-in provider. `wikistead sign-in-link` prints a link that signs its admin in.',
  )
}

/** The user of that identity, new at the first sign-in. @throws Refusal `blocked` */
async function userOf(store: Store, provider: Provider, signedIn: SignedInThere): Promise<UserRow> {
  const { issuer } = provider
  const { subject } = signedIn
  const known = await store.users.byIdentity(issuer, subject)
  const name = known?.name ?? (await signedIn.name()) ?? 'New member'
  const user = await store.transaction(async ({ users }) => {
    const user = await users.ensure({ name, role: 'member', issuer, subject })
    if (!provider.makesAdmin(subject) || user.role === 'admin') return user
    await users.change(user.user_id, { role: 'admin' })
    return users.get(user.user_id)
  })
  if (user.blocked_at === null) return user
  throw new Refusal('blocked', 'This account is blocked. Ask an operator of the farm why.')
}
