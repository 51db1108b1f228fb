import { Refusal } from '@wikistead/contracts'
import type { FastifyRequest } from 'fastify'

/** What begins to change an account is begun on a page of ours, or by hand. @throws Refusal `csrf_mismatch` */
export function requireOwnLink({ headers }: FastifyRequest): void {
  const from = headers['sec-fetch-site']
  if (from === undefined || from === 'same-origin' || from === 'none') return
  throw new Refusal('csrf_mismatch', 'Another site sent you here. Begin on your account’s own page.')
}
