import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { noteForAudit } from '../access/audit-trail.ts'
import type { ApiDeps } from '../deps.ts'
import { refused } from '../routes.ts'
import { invalid, ProviderKeys, readLogoutToken, type LogoutWord } from './logout-token.ts'
import { signInOff, type Provider } from './provider.ts'
import type { EndedThere } from '@wikistead/store'

/** What the provider calls when somebody has signed out there, or was signed out. To be called in a scope of its own. */
export function backChannelLogoutRoute(
  scope: FastifyInstance,
  { store }: ApiDeps,
  provider: Provider | undefined,
): void {
  // OAuth's own way to send a few words.
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))))
    },
  )
  const keys = provider && new ProviderKeys(() => provider.keysAddress())

  scope.withTypeProvider<ZodTypeProvider>().post(
    '/auth/back-channel-logout',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'For the provider: a session has ended there (OpenID Connect Back-Channel Logout 1.0)',
        description:
          'Ends the sign-ins here that began in that session of the provider, or all of that subject, with every stream of events that they follow.',
        consumes: ['application/x-www-form-urlencoded'],
        body: z.object({ logout_token: z.string().min(1).max(16_000) }),
        response: { 200: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      if (provider === undefined || keys === undefined) throw signInOff()
      const word = await readLogoutToken(request.body.logout_token, provider, keys.get, store.now())
      const [userId] = await ended(word, provider.issuer)
      noteForAudit(request, {
        action: 'back_channel_logout',
        ...(userId !== undefined && { subject: `user/${String(userId)}` }),
      })
      return reply.code(200).send(null)
    },
  )

  /** Once; whoever sends it again after it failed may do so. Gives whose sign-ins they were. */
  async function ended({ number, expiresAt, subject, session }: LogoutWord, issuer: string) {
    return store.transaction(async ({ once, sessions, users }) => {
      const lifetimeMs = Math.max(expiresAt - store.now(), 1)
      if (!(await once.keep('logout_token', `${issuer} ${number}`, { lifetimeMs }))) {
        throw invalid('it was used before')
      }
      if (subject === undefined) {
        return session === undefined ? [] : sessions.endThere({ kind: 'session', session })
      }
      const user = await users.byIdentity(issuer, subject)
      if (user === undefined) return []
      const there: EndedThere = { kind: 'subject', subject, userId: user.user_id, session }
      return sessions.endThere(there)
    })
  }
}
