import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from '../deps.ts'

const dayMs = 24 * 3_600_000

/** Where who found a hole tells of it (RFC 9116). */
export function securityTxtRoute(app: FastifyInstance, { securityContact, publicUrl }: ApiDeps): void {
  app.get('/.well-known/security.txt', { schema: { hide: true } }, async (_request, reply) => {
    if (securityContact === undefined) return reply.callNotFound()
    const lines = [
      ['Contact', securityContact],
      ['Expires', new Date(Date.now() + 90 * dayMs).toISOString()],
      ['Preferred-Languages', 'en, zh, ar'],
      ['Canonical', `${publicUrl()}/.well-known/security.txt`],
    ] as const
    return reply
      .type('text/plain; charset=utf-8')
      .send(lines.map(([name, value]) => `${name}: ${value}\n`).join(''))
  })
}
