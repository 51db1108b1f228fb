import { createHash, randomBytes } from 'node:crypto'
import {
  CreateOpenidClient,
  NewOpenidClient,
  OpenidClientList,
  Refusal,
  type OpenidClient,
} from '@wikistead/contracts'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import type { OpenidClient as StoredClient } from '@wikistead/store'
import { z } from 'zod'
import { requireActor } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import type { ApiDeps } from '../../deps.ts'
import { requireOwn } from '../../openid/openid-routes.ts'
import type { OwnProvider } from '../../openid/own-provider.ts'
import { refused, type Routes } from '../../routes.ts'

/** Who may sign people in at our own OpenID provider. */
export function openidClientRoutes(
  routes: Routes,
  { store, publicUrl }: ApiDeps,
  provider: OwnProvider | undefined,
): void {
  const list = async (issuer: string) => ({ issuer, clients: (await store.openidClients.list()).map(shown) })
  routes.get(
    '/v1/openid-clients',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'List the clients of our own OpenID provider',
        response: { 200: OpenidClientList, ...refused },
      },
    },
    async () => list(requireOwn(provider).issuer),
  )

  routes.post(
    '/v1/openid-clients',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Add a client to our own OpenID provider; its secret is told once',
        description:
          'Its visitors are known to it by name as soon as they are signed in here; nobody is asked. Sign-ins end at the addresses that are named, letter by letter, and need PKCE (S256) unless it is said that the client does not know it.',
        body: CreateOpenidClient,
        response: { 201: NewOpenidClient, ...refused },
      },
    },
    async (request, reply) => {
      const { issuer } = requireOwn(provider)
      const { id, name = id, redirect_uris: redirectUris, pkce } = request.body
      requireEncrypted(redirectUris, publicUrl())
      const secret = randomBytes(32).toString('base64url')
      meetSecret(secret)
      const client = await store.openidClients.add({
        ...{ id, name, redirectUris, pkce, madeBy: requireActor(request).user_id },
        secretHash: createHash('sha256').update(secret).digest('hex'),
      })
      noteForAudit(request, { subject: `openid-client/${id}` })
      void reply.header('cache-control', 'no-store')
      return reply.code(201).send({ issuer, client: shown(client), secret })
    },
  )

  routes.delete(
    '/v1/openid-clients/:id',
    {
      schema: {
        tags: ['sign-in'],
        summary: 'Remove a client of our own OpenID provider: nobody is signed in there any more',
        params: z.object({ id: z.string().max(63) }),
        response: { 200: OpenidClientList, ...refused },
      },
    },
    async (request) => {
      const { issuer } = requireOwn(provider)
      const { id } = request.params
      noteForAudit(request, { subject: `openid-client/${id}` })
      await store.openidClients.remove(id)
      return list(issuer)
    },
  )
}

/** @throws Refusal `invalid_request` for what others on the way could read */
function requireEncrypted(addresses: readonly string[], publicUrl: string): void {
  const plain = addresses.find((address) => !address.startsWith('https:'))
  if (plain === undefined || publicUrl.startsWith('http:')) return
  throw new Refusal('invalid_request', `${plain} is not https, and this installation is.`)
}

const shown = ({ id, name, redirectUris, pkce, madeBy, createdAt }: StoredClient): OpenidClient => ({
  ...{ id, name, redirect_uris: [...redirectUris], pkce, own: madeBy === null },
  created_at: new Date(createdAt).toISOString(),
})
