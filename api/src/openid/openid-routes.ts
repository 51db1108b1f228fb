/** Our own OpenID provider over HTTP. Whoever is signed in to the console is known to it, and nobody else. */
import { Refusal } from '@wikistead/contracts'
import { ownSubjectOf } from '../access/engine-identity.ts'
import { noteForAudit } from '../access/audit-trail.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { InteractionResults } from 'oidc-provider'
import { z } from 'zod'
import type { ApiDeps } from '../deps.ts'
import { refused, type Routes } from '../routes.ts'
import { isSites } from './client-metadata.ts'
import { isSiteHere } from './farm-sites.ts'
import { handOver } from './hand-over.ts'
import type { OwnProvider } from './own-provider.ts'
import { openidPath } from './provider-configuration.ts'

/** For how long who keeps our keys need not ask for them again, in seconds. */
const keysMaxAge = 300

/** To be called in a scope of its own, as pages: `answerPages`. */
export function openidRoutes(
  scope: FastifyInstance,
  routes: Routes,
  { store, publicUrl, fedwiki }: ApiDeps,
  own: OwnProvider | undefined,
): void {
  // The provider reads what is sent to it itself.
  scope.addContentTypeParser('application/x-www-form-urlencoded', (_request, _payload, done) => {
    done(null)
  })
  scope.addHook('onRequest', async (_request, reply) => {
    // A site's page opens this in a window of its own, and waits for it.
    void reply.header('cross-origin-opener-policy', 'unsafe-none')
  })
  const told = (summary: string) => ({ exposeHeadRoute: false, schema: { tags: ['sign-in'], summary } })
  const pass = (request: FastifyRequest, reply: FastifyReply) =>
    handOver(request, reply, { store, provider: requireOwn(own), publicUrl })

  routes.get(
    `${openidPath}/.well-known/openid-configuration`,
    told('What our own OpenID provider is, and where'),
    pass,
  )
  routes.get(
    `${openidPath}/authorize/:uid`,
    told('Go on with a sign-in elsewhere once it is known who asks'),
    pass,
  )
  routes.post(
    `${openidPath}/token`,
    told('Exchange a code for tokens, for a client of our own OpenID provider'),
    async (request, reply) => {
      await store.ping()
      return pass(request, reply)
    },
  )
  for (const method of ['GET', 'POST'] as const) {
    routes.route({
      method,
      url: `${openidPath}/userinfo`,
      ...told('Who a token of our own OpenID provider speaks of'),
      handler: pass,
    })
  }

  routes.get(
    `${openidPath}/jwks`,
    {
      ...{ exposeHeadRoute: false },
      schema: {
        tags: ['sign-in'],
        summary: 'The public keys of our own OpenID provider, of every API of the farm',
        response: { 200: z.object({ keys: z.array(z.looseObject({})) }), ...refused },
      },
    },
    async (_request, reply) => {
      // Those of this process are among them from the first time on.
      const provider = requireOwn(own)
      await provider.current()
      void reply.header('cache-control', `public, max-age=${String(keysMaxAge)}`)
      return { keys: (await provider.keys.everybodys()).map((key) => ({ ...key })) }
    },
  )

  routes.get(
    `${openidPath}/authorize`,
    told('Sign in elsewhere with my account of this farm'),
    async (request, reply) => {
      requireOwn(own)
      const { client_id: clientId, redirect_uri: address } = request.query as Record<string, unknown>
      const client = typeof clientId === 'string' ? await store.openidClients.find(clientId) : undefined
      if (client !== undefined && isSites(client) && typeof address === 'string') {
        if (fedwiki === undefined || !(await isSiteHere(store, address, fedwiki))) {
          throw new Refusal('openid_request_invalid', `${address} is the callback of no site of this farm.`)
        }
      }
      return pass(request, reply)
    },
  )

  routes.get(
    `${openidPath}/interaction/:uid`,
    told('Say who asks, by the sign-in of this browser'),
    async (request, reply) => {
      const provider = requireOwn(own)
      const { uid } = request.params as { readonly uid: string }
      const { acting, session } = request
      if (acting === undefined || session === undefined) {
        const back = new URLSearchParams({ return_to: `${openidPath}/interaction/${uid}` })
        return reply.code(303).header('location', `/sign-in?${back.toString()}`).send()
      }
      // What they sign in at lets them write: so must this sign-in.
      if (!acting.scopes.has('wikis')) {
        throw new Refusal(
          'scope_missing',
          'This sign-in may only look: it was made by a token without `wikis`.',
        )
      }
      const subject = await ownSubjectOf(store, acting.user.user_id)
      noteForAudit(request, { userId: acting.user.user_id, by: 'session' })
      return handOver(request, reply, { store, provider, publicUrl }, async (current, raw, answer) => {
        const details = await current.interactionDetails(raw, answer)
        const shownAt = session.proven_at ?? session.created_at
        const result: InteractionResults = mustShowAnew(details, shownAt)
          ? { error: 'login_required', error_description: 'they signed in too long ago' }
          : { login: { accountId: subject, remember: false, ts: Math.floor(shownAt / 1_000) } }
        await current.interactionFinished(raw, answer, result, { mergeWithLastSubmission: false })
      })
    },
  )
}

/** A client may want that somebody has just shown who they are; when they did, their session says. */
function mustShowAnew(
  { iat, prompt, params }: { iat?: number; prompt: { reasons: string[] }; params: Record<string, unknown> },
  shownAt: number,
): boolean {
  const begunAt = (iat ?? 0) * 1_000
  const maxAge = Number(params['max_age'])
  if (prompt.reasons.includes('login_prompt')) return shownAt < begunAt
  return params['max_age'] !== undefined && Number.isFinite(maxAge) && shownAt < begunAt - maxAge * 1_000
}

/** @throws Refusal `sign_in_off` */
export function requireOwn<T>(provider: T | undefined): T {
  if (provider !== undefined) return provider
  throw new Refusal(
    'sign_in_off',
    'This farm has a provider from outside, at which other sites sign people in as well.',
  )
}
