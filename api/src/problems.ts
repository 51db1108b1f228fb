/** The API's one door from errors to `application/problem+json`. */
import { STATUS_CODES } from 'node:http'
import { Refusal, refusals, type Problem } from '@wikistead/contracts'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'

export function answerProblems(app: FastifyInstance, supportUrl: string): void {
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const problem = toProblem(error, request)
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="wikistead"')
    return sendProblem(reply, request, problem, supportUrl)
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      request,
      problemOf(404, 'no_such_route', `There is no ${request.method} ${request.url}.`),
      supportUrl,
    ),
  )
}

function toProblem(error: FastifyError | Refusal, request: FastifyRequest): Problem {
  if (error instanceof Refusal) {
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
  const body: Problem = {
    ...problem,
    request_id: request.id,
    ...(supportUrl !== '' && { support_url: supportUrl }),
  }
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
