import { z } from 'zod'
import { refused, type Routes } from '../../routes.ts'

/** By it an operator, and `wikistead doctor`, sees whether a proxy before the API is known to it. */
export function addressRoute(routes: Routes): void {
  routes.get(
    '/v1/address',
    {
      schema: {
        tags: ['operations'],
        summary: 'The address that I am counted by',
        description: 'What a proxy says in X-Forwarded-For counts where `trusted-proxies` names that proxy.',
        response: { 200: z.object({ address: z.string() }), ...refused },
      },
    },
    async ({ ip }, reply) => reply.header('cache-control', 'no-store').send({ address: ip }),
  )
}
