import {
  CreateToken,
  NewToken,
  parseDuration,
  Refusal,
  TokenList,
  type TokenScope,
} from '@wikistead/contracts'
import { tokenId } from '@wikistead/store'
import { z } from 'zod'
import { isAtLeast, requireActing, requireActor, requireScope, type Acting } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import { holdMaker, longestTokenMs, noLaterThan, requireMakerOfCredential } from '../../access/lasting.ts'
import type { ApiDeps } from '../../deps.ts'
import { presentToken } from '../../answers/present.ts'
import { refused, type Routes } from '../../routes.ts'

/** One's own tokens. What a token makes never reaches further than itself, nor lives longer. */
export function tokenRoutes(routes: Routes, { store, tokensPerUser = Infinity }: ApiDeps): void {
  routes.get(
    '/v1/tokens',
    { schema: { tags: ['tokens'], summary: 'My tokens', response: { 200: TokenList, ...refused } } },
    async (request) => {
      const rows = await store.tokens.of(requireActor(request).user_id)
      return { tokens: rows.map(presentToken) }
    },
  )

  routes.post(
    '/v1/tokens',
    {
      schema: {
        tags: ['tokens'],
        summary: 'Make a token; its secret is told once',
        description:
          'It is good for what its scopes say and its user may do. A token makes none with more scopes than its own, nor one that outlives it: what it made ends with it.',
        body: CreateToken,
        response: { 201: NewToken, ...refused },
      },
    },
    async (request, reply) => {
      const acting = requireActing(request)
      const { label, scopes, expires_in: lifetime } = request.body
      for (const scope of scopes) requireGrantable(acting, scope)
      const maker = requireMakerOfCredential(acting)
      const lifetimeMs = parseDuration(lifetime)
      if (lifetimeMs > longestTokenMs) {
        throw new Refusal('invalid_request', 'A token lives for 365 days at most. Make a new one then.')
      }
      const expiresAt = noLaterThan(acting, store.now() + lifetimeMs)
      const token = { label, scopes: [...new Set(scopes)], expiresAt, maker }
      const { row, secret } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        await scope.tokens.requireRoom(acting.user.user_id, tokensPerUser)
        return scope.tokens.issueRow(acting.user.user_id, token)
      })
      noteForAudit(request, { subject: `token/${tokenId(row)}` })
      void reply.header('cache-control', 'no-store')
      return reply.code(201).send({ token: presentToken(row), secret })
    },
  )

  routes.delete(
    '/v1/tokens/:id',
    {
      schema: {
        tags: ['tokens'],
        summary: 'Revoke one of my tokens, at once, and all that it made',
        params: z.object({ id: z.string().min(1).max(64) }),
        response: { 200: TokenList, ...refused },
      },
    },
    async (request) => {
      const { user_id: userId } = requireActor(request)
      await store.transaction(({ tokens }) => tokens.revoke(userId, request.params.id))
      return { tokens: (await store.tokens.of(userId)).map(presentToken) }
    },
  )
}

/** @throws Refusal `forbidden`, `scope_missing` */
function requireGrantable(acting: Acting, scope: TokenScope): void {
  if (acting.by === 'service') {
    throw new Refusal('forbidden', 'Make tokens in the console, or with `wikistead token create`.')
  }
  if (scope === 'operate' && !isAtLeast(acting.user, 'operator')) {
    throw new Refusal('forbidden', 'The scope `operate` is for operators of the farm.')
  }
  if (scope === 'admin' && !isAtLeast(acting.user, 'admin')) {
    throw new Refusal('forbidden', 'The scope `admin` is for admins of the farm.')
  }
  requireScope(acting, scope)
}
