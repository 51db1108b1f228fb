import { Name, Refusal, engines, resolveDomain, type Engine } from '@wikistead/contracts'
import type { UserRow } from '@wikistead/store'
import { z } from 'zod'
import { requireActor } from '../../access/acting.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'
import { requireFedWiki, requireMediaWiki } from '../../answers/wiki-answers.ts'

export function nameRoutes(routes: Routes, deps: ApiDeps): void {
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
      const custom = request.query.custom_domain === '1'
      const address = (): string =>
        engine === 'mediawiki'
          ? requireMediaWiki(deps).requireSlug(name, false)
          : resolveDomain(name, custom, requireFedWiki(deps).rules)
      return { engine, name, ...(await stateOf(deps, actor, { engine, name, address })) }
    },
  )
}

interface AskedName {
  readonly engine: Engine
  readonly name: string
  /** @throws Refusal when there can be no wiki of that name */
  readonly address: () => string
}

async function stateOf(
  { store }: ApiDeps,
  actor: UserRow,
  asked: AskedName,
): Promise<Pick<Name, 'state' | 'address' | 'reason'>> {
  let address: string
  try {
    address = asked.address()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'engine_off') throw error
    const state = error.code === 'name_reserved' ? 'reserved' : 'invalid'
    return { address: asked.name, state, reason: error.message }
  }
  const holder = await store.wikis.byClaim(asked.engine, address)
  if (holder === undefined) return { address, state: 'free' }
  if (holder.status === 'archived' && holder.owner_id === actor.user_id) {
    return { address, state: 'restorable', reason: 'You deleted it; it can still be restored.' }
  }
  return { address, state: 'taken' }
}
