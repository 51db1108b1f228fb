/** What under `/auth` people's browsers open themselves: it ends in a page, whatever happens. */
import { Refusal } from '@wikistead/contracts'
import { noteForAudit } from '../access/audit-trail.ts'
import type { RateLimiter } from '../access/rate-limits.ts'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the console: where a browser is told what went wrong. */
    errorPage: '/sign-in' | '/account'
  }
}

/** What goes wrong from here on is told there. */
export function endsAt(request: FastifyRequest, page: FastifyRequest['errorPage']): void {
  request.errorPage = page
}

/**
 * To be called in a scope of its own. Whoever wants no page is answered the problem, as everywhere. Where the table says so,
 * only what fails is counted, so that nobody is kept out by the tries of others.
 */
export function answerPages(scope: FastifyInstance, limiter: RateLimiter): void {
  scope.decorateRequest('errorPage', '/sign-in')
  scope.addHook('onRequest', async (_request, reply) => {
    // Addresses here hold secrets.
    void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
  })
  scope.setErrorHandler(async (failure: FastifyError | Refusal, request, reply) => {
    const error = await counted(failure, request, reply)
    if (!wantsPage(request)) throw error
    const code =
      error instanceof Refusal ? error.code : (error.statusCode ?? 500) < 500 ? 'invalid_request' : 'fault'
    if (code === 'fault') request.log.error({ err: error }, 'fault')
    noteForAudit(request, { code })
    // Of who is signed in, before the route could say where it ends.
    const page = code === 'fresh_sign_in_required' ? '/account' : request.errorPage
    return reply.code(302).header('location', `${page}?error=${code}`).send()
  })

  /** What went wrong, or that it did so too often. */
  async function counted(failure: FastifyError | Refusal, request: FastifyRequest, reply: FastifyReply) {
    const { limit, limitsFailures } = request.permission ?? {}
    if (limit === undefined || limitsFailures !== true) return failure
    try {
      await limiter(request, reply, limit)
      return failure
    } catch (tooOften) {
      return tooOften as Refusal
    }
  }
}

function wantsPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html')
}
