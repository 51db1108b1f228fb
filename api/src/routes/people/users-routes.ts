import { ChangeUser, CreateUser, ListUsers, User, UserList } from '@wikistead/contracts'
import { z } from 'zod'
import { requireActing, requireActor } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import {
  holdMaker,
  longestTokenMs,
  noLaterThan,
  requireMakerOfCredential,
  scopesNow,
} from '../../access/lasting.ts'
import { changeUser } from './change-user.ts'
import { decodeCursor, encodeCursor } from '../../answers/cursor.ts'
import type { ApiDeps } from '../../deps.ts'
import { presentUser, presentUsers } from '../../answers/present.ts'
import { refused, type Routes } from '../../routes.ts'
import { WikiParams } from '../../answers/wiki-answers.ts'

const NewUser = z.object({
  user: User,
  token: z.string().nullable().describe('Shown once; only its hash is kept. null: they were known already'),
})

export function userRoutes(routes: Routes, { store, provider }: ApiDeps): void {
  routes.get(
    '/v1/users/me',
    { schema: { tags: ['users'], summary: 'Who I am', response: { 200: User, ...refused } } },
    async (request) => presentUser(store, requireActor(request)),
  )

  routes.get(
    '/v1/users',
    {
      schema: {
        tags: ['users'],
        summary: 'List users, by their ids',
        querystring: ListUsers,
        response: { 200: UserList, ...refused },
      },
    },
    async (request) => {
      const { cursor, limit, q } = request.query
      const after = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
      const rows = await store.users.list({
        limit: limit + 1,
        ...(after !== undefined && { after }),
        ...(q !== undefined && { text: q }),
      })
      const users = rows.slice(0, limit)
      const last = users.at(-1)
      const more = rows.length > limit && last !== undefined
      return {
        users: await presentUsers(store, users),
        next_cursor: more ? encodeCursor([last.user_id]) : null,
      }
    },
  )

  routes.get(
    '/v1/users/:id',
    {
      schema: {
        ...{ tags: ['users'], summary: 'One user', params: WikiParams },
        response: { 200: User, ...refused },
      },
    },
    async (request) => presentUser(store, await store.users.get(request.params.id)),
  )

  routes.patch(
    '/v1/users/:id',
    {
      schema: {
        tags: ['users'],
        summary: 'Change a user: name, limits, whether they are blocked, and their role',
        description:
          'A role is an admin’s to give, and nobody’s own. Who is blocked is signed out everywhere, and their tokens are refused at once; admins are blocked by admins. The last admin stays one.',
        params: WikiParams,
        body: ChangeUser,
        response: { 200: User, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request, request.body.role === undefined ? 'operator' : 'admin')
      return presentUser(store, await changeUser(store, actor, request.params.id, request.body))
    },
  )

  routes.post(
    '/v1/users',
    {
      schema: {
        tags: ['users'],
        summary: 'Make a user and a token',
        description:
          'The user of an identity that is known already is answered as it is (`200`), and no token: nobody makes one for somebody else. The token of a new one may what the one who asks may, for 365 days at most; it ends with the token or the sign-in that made it, and ranks no higher than who made it.',
        body: CreateUser,
        response: { 200: NewUser, 201: NewUser, ...refused },
      },
    },
    async (request, reply) => {
      const {
        name,
        subject,
        issuer = provider?.issuer ?? 'bootstrap',
        role,
        site_limit: siteLimit,
      } = request.body
      const acting = requireActing(request)
      const maker = requireMakerOfCredential(acting)
      const newToken = {
        ...{ label: 'made by an admin', scopes: scopesNow(acting), maker, vouchedBy: acting.user.user_id },
        expiresAt: noLaterThan(acting, store.now() + longestTokenMs),
      }
      const { user, token } = await store.transaction(async (scope) => {
        await holdMaker(scope, maker)
        const asked = { name, subject, issuer, role, siteLimit: siteLimit ?? null }
        const { user, isNew } = await scope.users.ensureNew(asked)
        if (siteLimit !== undefined) await scope.users.change(user.user_id, { site_limit: siteLimit })
        return {
          user: await scope.users.get(user.user_id),
          token: isNew ? await scope.tokens.issue(user.user_id, newToken) : null,
        }
      })
      noteForAudit(request, { subject: `user/${String(user.user_id)}` })
      void reply.header('cache-control', 'no-store')
      return reply.code(token === null ? 200 : 201).send({ user: await presentUser(store, user), token })
    },
  )
}
