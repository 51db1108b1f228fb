import { Name, Refusal, engines, resolveDomain, type DomainRules } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'
import { z } from 'zod'
import { requireActor } from './actor.ts'
import type { ApiDeps } from './deps.ts'
import { refused, type Routes } from './routes.ts'

export function nameRoutes(routes: Routes, { store, fedwiki }: ApiDeps): void {
  routes.get(
    '/v1/names/:engine/:name',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Whether a name is free, and why not',
        params: z.object({ engine: z.enum(engines), name: z.string().min(1).max(253) }),
        querystring: z.object({ custom_domain: z.enum(['0', '1']).default('0') }),
        response: { 200: Name, ...refused },
      },
    },
    async (request) => {
      const actor = requireActor(request)
      const { engine, name } = request.params
      if (engine === 'mediawiki' || fedwiki === undefined) {
        throw new Refusal('engine_off', 'This engine is not set up on this farm.')
      }
      const asked = { name, custom: request.query.custom_domain === '1' }
      return { engine, name, ...(await stateOf(store, actor, asked, fedwiki.rules)) }
    },
  )
}

async function stateOf(
  store: Store,
  actor: UserRow,
  { name, custom }: { readonly name: string; readonly custom: boolean },
  rules: DomainRules,
): Promise<Pick<Name, 'state' | 'address' | 'reason'>> {
  let address: string
  try {
    address = resolveDomain(name, custom, rules)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const state = error.code === 'name_reserved' ? 'reserved' : 'invalid'
    return { address: name, state, reason: error.message }
  }
  const holder = await store.wikis.byClaim('fedwiki', address)
  if (holder === undefined) return { address, state: 'free' }
  if (holder.status === 'archived' && holder.owner_id === actor.user_id) {
    return { address, state: 'restorable', reason: 'You deleted this site; it can still be restored.' }
  }
  return { address, state: 'taken' }
}
