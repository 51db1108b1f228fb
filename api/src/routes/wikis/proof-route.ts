import { isIPv4 } from 'node:net'
import { Refusal } from '@wikistead/contracts'
import { z } from 'zod'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** By it a client on this machine learns that it is not about to send its token to a stranger. */
export function proofRoute(routes: Routes, { prove }: ApiDeps): void {
  routes.get(
    '/v1/proof',
    {
      schema: {
        tags: ['operations'],
        summary: 'A proof that this API is of the data folder on this machine',
        description:
          'An HMAC-SHA256 of the nonce and of the address that was asked, with a key that only the owner of the data folder can read. For connections from this machine.',
        querystring: z.object({ nonce: z.string().regex(/^[\w-]{16,100}$/) }),
        response: { 200: z.object({ proof: z.string() }), ...refused },
      },
    },
    async (request, reply) => {
      // The connection itself: no header counts here.
      const { remoteAddress = '' } = request.raw.socket
      if (prove === undefined || !isOfThisMachine(remoteAddress)) {
        throw new Refusal('forbidden', 'Only a program on this machine is given a proof.')
      }
      void reply.header('cache-control', 'no-store')
      return { proof: prove(request.query.nonce, request.raw.socket) }
    },
  )
}

function isOfThisMachine(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'))
}
