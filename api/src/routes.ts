import { Problem } from '@wikistead/contracts'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a file of routes is given to register on. */
export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})

/** The answers that every route may give instead of its own. */
export const refused = {
  '4xx': problem('A refusal; `code` says which'),
  '5xx': problem('A fault; the same request may succeed later'),
} as const
