import { CreateUser, User } from '@wikistead/contracts'
import { z } from 'zod'
import { requireActor } from './acting.ts'
import type { ApiDeps } from './deps.ts'
import { presentUser } from './present.ts'
import { refused, type Routes } from './routes.ts'

const NewUser = z.object({ user: User, token: z.string().describe('Shown once; only its hash is kept') })

export function userRoutes(routes: Routes, { store }: ApiDeps): void {
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
        summary: 'All users, for an operator',
        response: { 200: z.object({ users: z.array(User) }), ...refused },
      },
    },
    async () => {
      return { users: await Promise.all((await store.users.list()).map((user) => presentUser(store, user))) }
    },
  )

  routes.post(
    '/v1/users',
    {
      schema: {
        tags: ['users'],
        summary: 'Make a user and a token, for an admin',
        description: 'The user of an identity that is known already is answered as it is, with a new token.',
        body: CreateUser,
        response: { 201: NewUser, ...refused },
      },
    },
    async (request, reply) => {
      const { name, subject, issuer, role, site_limit: siteLimit } = request.body
      const { user, token } = await store.transaction(async (scope) => {
        const user = await scope.users.ensure({ name, subject, issuer, role, siteLimit: siteLimit ?? null })
        if (siteLimit !== undefined) await scope.users.setSiteLimit(user.user_id, siteLimit)
        return {
          user: await scope.users.get(user.user_id),
          token: await scope.tokens.issue(user.user_id, { label: 'made by an admin' }),
        }
      })
      return reply.code(201).send({ user: await presentUser(store, user), token })
    },
  )
}
