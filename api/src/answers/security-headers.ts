/** What browsers are told of every answer of ours; pages that need more say so themselves. */
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/** Nothing is loaded for it, and nobody frames it. */
const nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Of the reference, whose page has a script and styles of its own within it. */
const reference = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** `isHttps`: whether browsers reach us so, and are to stay with it for a year. */
export async function securityHeaders(app: FastifyInstance, isHttps: () => boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  })
  app.addHook('onRequest', async (request, reply) => {
    const isReference = request.routeOptions.url?.startsWith('/reference') === true
    void reply.header('content-security-policy', isReference ? reference : nothing)
    if (isHttps()) void reply.header('strict-transport-security', 'max-age=31536000')
  })
}
