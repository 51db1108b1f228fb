/** By whom a request to /provisioner/v1 is made: by whom the hub says, in a token for this request, and by nobody else. */
import { createHash } from 'node:crypto'
import type { TokenScope } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Acting, ActingSource } from './acting.ts'
import {
  readServiceToken,
  serviceTokenInvalid,
  type ServiceTrust,
  type ServiceWord,
} from './service-token.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the hub's token says, on the routes for services. */
    service: ServiceWord | undefined
    bodyHash: string | undefined
  }
}

export const servicePrefix = '/provisioner/v1'
export const linksRoute = `${servicePrefix}/links`
export const signInsRoute = `${servicePrefix}/sign-ins`
/** What is said here of an account makes no user: the browser that comes back does, where there is to be one. */
const saysOnly: readonly (string | undefined)[] = [linksRoute, signInsRoute]

/** The routes for services know the hub's word only; all others do not know it. */
export function actingSources(
  store: Store,
  trust: ServiceTrust | undefined,
  others: readonly ActingSource[],
): readonly ActingSource[] {
  const service = serviceTokens(store, trust)
  return [
    (request) => (isForServices(request) ? service(request) : Promise.resolve(undefined)),
    ...others.map<ActingSource>(
      (other) => (request) => (isForServices(request) ? Promise.resolve(undefined) : other(request)),
    ),
  ]
}

const isForServices = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  url.startsWith(`${servicePrefix}/`)

function serviceTokens(store: Store, trust: ServiceTrust | undefined): ActingSource {
  return async (request) => {
    const { authorization } = request.headers
    // What everybody may see needs nobody's word.
    if (authorization === undefined) return undefined
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw serviceTokenInvalid('it is no Bearer token')
    if (trust === undefined) throw serviceTokenInvalid('wikifarm-service-secret is not set here')
    const { method, raw } = request
    const word = await readServiceToken(
      token,
      trust,
      { method, target: raw.url ?? '' },
      new Date(store.now()),
    )
    const lifetimeMs = Math.max(word.expiresAt - store.now(), 1)
    if (!(await store.once.keep('service_token', word.number, { lifetimeMs }))) {
      throw serviceTokenInvalid('it was used before')
    }
    request.service = word
    const user = await userOf(store, word, !saysOnly.includes(request.routeOptions.url))
    return user && actingFor(user, word)
  }
}

async function userOf(
  store: Store,
  { issuer, account, name }: ServiceWord,
  make: boolean,
): Promise<UserRow | undefined> {
  const known = await store.users.byIdentity(issuer, account)
  // Accounts are renamed; wikis are made for them by their name.
  if (known !== undefined) await store.users.nameIdentity({ issuer, subject: account }, name)
  if (known !== undefined || !make) return known
  return store.transaction(({ users }) => users.ensure({ issuer, subject: account, name, role: 'member' }))
}

/** Whom the hub lets look after the farm is an operator here, for this request; nobody becomes more than that. */
function actingFor(user: UserRow, { rights }: ServiceWord): Acting {
  const scopes = new Set<TokenScope>(['read'])
  if (rights.includes('create-wiki')) scopes.add('wikis')
  const acting = { by: 'service', endsAt: null, depth: 0, proof: { by: 'scopes' } } as const
  if (!rights.includes('wikifarm-admin')) return { ...acting, user, scopes }
  const role = user.role === 'member' ? 'operator' : user.role
  return { ...acting, user: { ...user, role }, scopes: scopes.add('wikis').add('operate') }
}

/** Within this scope, a body must be the one that the token was made for. */
export function requireSignedBodies(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.bodyHash = hashOf(body)
    void parse(request, body.toString(), done)
  })
  scope.addHook('preValidation', async ({ service, bodyHash }) => {
    if (service === undefined || service.body === (bodyHash ?? hashOf(Buffer.alloc(0)))) return
    throw serviceTokenInvalid('it was made for another body')
  })
}

const hashOf = (body: Buffer): string => createHash('sha256').update(body).digest('base64url')
