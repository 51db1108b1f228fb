import { User, type Wiki } from '@wikistead/contracts'
import { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { ensureWiki } from './ensure-wiki.ts'
import type { Steps } from './steps.ts'

const name = 'demo'

export interface DemoSite {
  readonly wiki: Wiki
  /** As the farm must know the owner. */
  readonly owner: { readonly name: string; readonly subject: string }
}

/** The demo's FedWiki site, and whose it is. */
export async function ensureSite(api: ApiClient, steps: Steps): Promise<DemoSite> {
  const wiki = await ensureWiki(api, { engine: 'fedwiki', domain: name }, steps)
  const { users } = await api.ask({ path: '/v1/users', answer: z.object({ users: z.array(User) }) })
  const owner = users.find(({ id }) => id === wiki.owner.id)
  return { wiki, owner: { name: wiki.owner.name, subject: owner?.identities[0]?.subject ?? '' } }
}
