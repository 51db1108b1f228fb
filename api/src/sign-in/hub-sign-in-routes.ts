import { Refusal } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import { z } from 'zod'
import { usualFreshForMs } from '../access/fresh-sign-in.ts'
import type { ServiceTrust } from '../access/service-token.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { requireAnew } from './anew.ts'
import { beginSession } from './begin-session.ts'
import type { Cookies } from './cookies.ts'
import { beginHubSignIn, takeHubSignIn, type VouchedSignIn } from './hub-sign-in.ts'
import { localPath } from './local-path.ts'
import { isBrowser, markBrowser, notBegunHere } from './under-way.ts'
import { requireUnblocked } from './unblocked.ts'

/** Signing in by an account of the hub. */
export function hubSignInRoutes(
  routes: Routes,
  { store, service, freshForMs = usualFreshForMs }: ApiDeps,
  cookies: Cookies,
): void {
  routes.get(
    '/auth/hub',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Sign in by my account on the MediaWiki hub',
        description:
          'With `fresh=1` also whoever is signed in there must do it anew, and be who is signed in here: the gravest acts want that.',
        querystring: z.object({
          return_to: z.string().default('/'),
          fresh: z.enum(['0', '1']).default('0'),
        }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { issuer } = required(service)
      const { return_to: returnTo, fresh } = request.query
      const code = await beginHubSignIn(store, {
        return_to: localPath(returnTo),
        ...{ fresh: fresh === '1', browser: markBrowser(cookies, request, reply) },
      })
      const query = new URLSearchParams({
        ...{ title: 'Special:WikiFarm/SignIn', code },
        ...(fresh === '1' && { fresh: '1' }),
      })
      return reply
        .code(302)
        .header('location', `${issuer}/index.php?${String(query)}`)
        .send(null)
    },
  )

  routes.get(
    '/auth/hub/callback',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Where the hub sends the browser back to',
        querystring: z.object({ code: z.string().max(200).default('') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { issuer } = required(service)
      const vouched = await takeHubSignIn(store, request.query.code)
      // Another hub's word of before counts no more than nobody's.
      if (vouched?.issuer !== issuer || !isBrowser(cookies, request, vouched.browser)) throw notBegunHere()
      const { account: subject, proven_at: provenAt } = vouched
      if (vouched.fresh) {
        const known = await store.users.byIdentity(issuer, subject)
        requireAnew(request, known, provenAt === null ? undefined : store.now() - provenAt, freshForMs)
      }
      const user = await userOf(store, vouched)
      await beginSession(store, cookies, request, reply, {
        ...{ userId: user.user_id, provenAt, begunAt: 'hub' },
      })
      return reply.code(302).header('location', vouched.return_to).send(null)
    },
  )
}

/** @throws Refusal `sign_in_off` */
function required(service: ServiceTrust | undefined): ServiceTrust {
  if (service !== undefined) return service
  throw new Refusal(
    'sign_in_off',
    'This farm has no hub whose accounts sign in here. An operator sets it up in the configuration.',
  )
}

/** The user of that account, new at the first sign-in. @throws Refusal `blocked` */
async function userOf(store: Store, { issuer, account, name }: VouchedSignIn): Promise<UserRow> {
  return store.transaction(async ({ users }) => {
    const user = await users.ensure({ name, role: 'member', issuer, subject: account })
    requireUnblocked(user)
    await users.nameIdentity({ issuer, subject: account }, name)
    return user
  })
}
