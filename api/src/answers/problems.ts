/** The API's one door from errors to `application/problem+json`. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal, refusals, type Problem } from '@wikistead/contracts'
import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import { isStoreAway } from '@wikistead/store'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { noteForAudit } from '../access/audit-trail.ts'

/** `page`: what a person sees where there is nothing; undefined for who is no person. */
export function answerProblems(
  app: FastifyInstance,
  supportUrl: string,
  page?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined,
): void {
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const problem = toProblem(error, request)
    if (awayCodes.has(problem.code)) void reply.header('retry-after', String(awayRetrySeconds))
    if (problem.code === 'queue_full' || problem.code === 'too_many_streams') {
      void reply.header('retry-after', String(problem.details?.['retry_after_seconds']))
    }
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="wikistead"')
    return sendProblem(reply, request, problem, supportUrl)
  })
  app.setNotFoundHandler(
    (request, reply) =>
      page?.(request, reply) ??
      sendProblem(
        reply,
        request,
        problemOf(404, 'no_such_route', `There is no ${request.method} ${request.url}.`),
        supportUrl,
      ),
  )
}

const awayCodes: ReadonlySet<string> = new Set(['store_unavailable', 'temporal_unavailable'])
/** What was restarted is back by then. */
const awayRetrySeconds = 5

/** What the router could not read has passed no hook and no error handler. */
export const answerUnroutable =
  (supportUrl: string) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void sendProblem(reply, request, toProblem(error, request), supportUrl)
  }

/** What is no HTTP never became a request: the answer is written by hand. */
export const answerUnreadable =
  (supportUrl: string) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const [status, detail] = unreadable[error.code ?? ''] ?? [400, 'This is no request that HTTP knows.']
    const body = JSON.stringify({
      ...problemOf(status, 'invalid_request', detail),
      ...(supportUrl !== '' && { support_url: supportUrl }),
    })
    socket.end(
      [
        `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
        'content-type: application/problem+json',
        `content-length: ${String(Buffer.byteLength(body))}`,
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    )
  }

const unreadable: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come to its end in time.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are larger than a request may have.'],
}

function toProblem(error: FastifyError | Refusal, request: FastifyRequest): Problem {
  if (error instanceof Refusal) {
    if (error.cause !== undefined) request.log.warn({ err: error }, 'refused for what is away')
    const { task_id: taskId, ...details } = error.details
    return {
      ...problemOf(refusals[error.code], error.code, error.message),
      ...(typeof taskId === 'string' && { task_id: taskId }),
      ...(Object.keys(details).length > 0 && { details }),
    }
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(({ instancePath, message }) => ({
      path: `${error.validationContext ?? ''}${instancePath}`,
      message: message ?? '',
    }))
    return { ...problemOf(400, 'invalid_request', 'The request does not match its schema.'), problems }
  }
  if (isStoreAway(error)) {
    request.log.warn({ err: error }, 'our own database is away')
    return problemOf(
      503,
      'store_unavailable',
      'Our own database does not answer. Please try again in a moment.',
    )
  }
  const status = error.statusCode ?? 500
  if (status < 500) return problemOf(status, 'invalid_request', error.message)
  request.log.error({ err: error }, 'fault')
  return problemOf(500, 'fault', 'Something went wrong on our side. The request id helps to find out what.')
}

function problemOf(status: number, code: string, detail: string): Problem {
  return { type: `/problems/${code}`, title: STATUS_CODES[status] ?? 'Error', status, code, detail }
}

/** Sent as text: an error must not pass through the serializer of the route's success schema. */
function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  problem: Problem,
  supportUrl: string,
): FastifyReply {
  noteForAudit(request, { code: problem.code })
  const body: Problem = {
    ...hideSecretsIn(problem),
    request_id: request.id,
    ...(supportUrl !== '' && { support_url: supportUrl }),
  }
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
