/** Hands a request to `oidc-provider`, which writes the answer itself. What it believes of the request is ours to say. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Store } from '@wikistead/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Provider as OpenidProvider } from 'oidc-provider'
import { noteForAudit } from '../access/audit-trail.ts'
import type { OwnProvider } from './own-provider.ts'
import { openidPath } from './provider-configuration.ts'
import { inContext, type RequestContext } from './request-context.ts'

interface Parts {
  readonly store: Store
  readonly provider: OwnProvider
  readonly publicUrl: () => string
}

type Act = (provider: OpenidProvider, raw: IncomingMessage, answer: ServerResponse) => Promise<void>

/** `act`: instead of what the address says. */
export async function handOver(
  request: FastifyRequest,
  reply: FastifyReply,
  { store, provider, publicUrl }: Parts,
  act: Act = async (current, raw, answer) => void (await current.callback()(raw, answer)),
): Promise<FastifyReply> {
  // Before anything is written: what is away is told as everywhere.
  const current = await provider.current()
  const { raw } = request
  const context = contextOf(request)
  const url = raw.url ?? ''
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  reply.hijack()
  const isOurs = new URL(publicUrl())
  Object.assign(raw.headers, {
    ...{ 'x-forwarded-host': isOurs.host, 'x-forwarded-proto': isOurs.protocol.slice(0, -1) },
  })
  Object.assign(raw, { url: url.slice(openidPath.length), originalUrl: url })
  try {
    await inContext(context, () => act(current, raw, reply.raw))
  } catch (error) {
    await refuseInTheirWords(reply, publicUrl(), error, request)
  } finally {
    raw.url = url
  }
  await tellOf(request, reply, context, store)
  return reply
}

function contextOf({ session, permission }: FastifyRequest): RequestContext {
  const isOfBrowser = permission?.scope === 'session'
  const browserSession = isOfBrowser ? (session?.session_hash ?? null) : undefined
  return { browserSession, standsOn: browserSession ?? null }
}

/** An interaction that is over, or of another browser. */
async function refuseInTheirWords(
  { raw }: FastifyReply,
  publicUrl: string,
  error: unknown,
  { log }: FastifyRequest,
): Promise<void> {
  const { expose } = error as { readonly expose?: unknown }
  if (expose !== true) log.error({ err: error }, 'fault of the OpenID provider')
  if (raw.headersSent) return void raw.destroy()
  const code = expose === true ? 'openid_request_invalid' : 'fault'
  raw.writeHead(303, { location: `${publicUrl}/sign-in?error=${code}` }).end()
}

async function tellOf(
  request: FastifyRequest,
  { raw }: FastifyReply,
  { signedIn, refused }: RequestContext,
  store: Store,
): Promise<void> {
  if (signedIn !== undefined) {
    const user = await store.users.byOwnSubject(signedIn.subject).catch(() => undefined)
    noteForAudit(request, {
      ...(user !== undefined && { userId: user.user_id }),
      ...{ action: 'openid_sign_in', subject: `openid-client/${signedIn.clientId}`, by: 'session' },
    })
    await request.server.auditNow(request, raw.statusCode)
  } else if (refused !== undefined) {
    request.log.info({ refused }, 'the OpenID provider refused')
    noteForAudit(request, { action: 'openid_sign_in', code: 'openid_request_invalid' })
    await request.server.auditNow(request, raw.statusCode < 400 ? 400 : raw.statusCode)
  }
}
