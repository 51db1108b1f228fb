import { Refusal } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireActing, requireActor } from '../access/acting.ts'
import { noteForAudit } from '../access/audit-trail.ts'
import { usualFreshForMs } from '../access/fresh-sign-in.ts'
import { requireLasting } from '../access/lasting.ts'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { beginSession } from './begin-session.ts'
import type { Cookies } from './cookies.ts'
import { localPath } from './local-path.ts'
import { requireAnew } from './anew.ts'
import { requireOwnLink } from './own-link.ts'
import { endsAt } from './pages.ts'
import { signInOff, type Provider, type SignedInThere } from './provider.ts'
import { requireUnblocked } from './unblocked.ts'
import { keepUnderWay, takeUnderWay, type UnderWay } from './under-way.ts'

/** Signing in at the provider. */
export function providerRoutes(
  routes: Routes,
  { store, freshForMs = usualFreshForMs }: ApiDeps,
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
        description:
          'With `fresh=1` also whoever is signed in there must do it anew, and be who is signed in here: the gravest acts want that.',
        querystring: ReturnTo.extend({ fresh: z.enum(['0', '1']).default('0') }),
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      await begin(request, reply, { linkTo: null, fresh: request.query.fresh === '1' })
      return reply.send(null)
    },
  )

  routes.get(
    '/auth/link',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['sign-in'],
        summary: 'Link another identity at the provider to my account, by signing in with it',
        querystring: ReturnTo,
        response: { 302: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      endsAt(request, '/account')
      requireOwnLink(request)
      requireLasting(requireActing(request))
      await begin(request, reply, { linkTo: requireActor(request).user_id, fresh: false })
      return reply.send(null)
    },
  )

  /** Sends the browser to the provider. */
  async function begin(
    request: FastifyRequest<{ Querystring: z.infer<typeof ReturnTo> }>,
    reply: FastifyReply,
    { linkTo, fresh }: Pick<UnderWay, 'linkTo' | 'fresh'>,
  ): Promise<void> {
    const there = required(provider)
    const returnTo = localPath(request.query.return_to)
    const checks = there.newChecks()
    const anew = fresh || linkTo !== null ? freshForMs || usualFreshForMs : undefined
    const url = await there.authorizationUrl(checks, anew)
    await keepUnderWay(store, cookies, request, reply, { checks, returnTo, linkTo, fresh })
    void reply.code(302).header('location', url)
  }

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
      const { checks, returnTo, linkTo, fresh } = await takeUnderWay(
        ...([store, cookies, request, request.query.state] as const),
      )
      if (linkTo !== null) {
        endsAt(request, '/account')
        noteForAudit(request, { action: 'link_identity', subject: `user/${String(linkTo)}` })
        requireSame(linkTo, request)
      }
      const [, search = ''] = /(\?.*)$/s.exec(request.url) ?? []
      const signedIn = await there.finish(search, checks)
      const { subject, idToken, session, provenAgoMs } = signedIn
      if (fresh) {
        const known = await store.users.byIdentity(there.issuer, subject)
        requireAnew(request, known, provenAgoMs, freshForMs)
      }
      const user =
        linkTo === null ? await userOf(store, there, signedIn) : await linked(store, there, linkTo, signedIn)
      await beginSession(store, cookies, request, reply, {
        ...{ userId: user.user_id, idToken, providerSubject: subject, providerSession: session ?? null },
        provenAt: provenAgoMs === undefined ? null : store.now() - provenAgoMs,
      })
      return reply.code(302).header('location', returnTo).send(null)
    },
  )
}

const ReturnTo = z.object({ return_to: z.string().default('/') })

/** Who links must be who began it, and signed in still. @throws Refusal `sign_in_failed`, `forbidden` */
function requireSame(userId: number, { acting }: FastifyRequest): void {
  if (acting?.by === 'session' && acting.user.user_id === userId) return requireLasting(acting)
  throw new Refusal('sign_in_failed', 'You were signed out in between, or as somebody else. Link once more.')
}

/** @throws Refusal `sign_in_off` */
function required(provider: Provider | undefined): Provider {
  if (provider !== undefined) return provider
  throw signInOff()
}

/** The user of that identity, new at the first sign-in. @throws Refusal `blocked` */
async function userOf(store: Store, provider: Provider, signedIn: SignedInThere): Promise<UserRow> {
  const { issuer } = provider
  const { subject } = signedIn
  const known = await store.users.byIdentity(issuer, subject)
  const name = known?.name ?? (await signedIn.name()) ?? 'New member'
  return store.transaction(async ({ users }) => {
    const user = await users.ensure({ name, role: 'member', issuer, subject })
    requireUnblocked(user)
    return promoted(users, provider, user, subject)
  })
}

/** @throws Refusal `identity_taken`, `busy` */
async function linked(
  store: Store,
  provider: Provider,
  userId: number,
  { subject }: SignedInThere,
): Promise<UserRow> {
  return store.transaction(async ({ users }) => {
    const user = await users.takeIdentity(userId, { issuer: provider.issuer, subject })
    return promoted(users, provider, user, subject)
  })
}

async function promoted(users: Store['users'], provider: Provider, user: UserRow, subject: string) {
  if (!provider.makesAdmin(subject) || user.role === 'admin') return user
  await users.change(user.user_id, { role: 'admin' })
  return users.get(user.user_id)
}
