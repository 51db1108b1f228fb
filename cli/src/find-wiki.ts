import { engines, Name, Wiki, WikiList, type Engine } from '@wikistead/contracts'
import type { ApiClient } from './api-client.ts'
import { CommandFailure } from './errors.ts'

/**
 * The wiki that is meant by an id, a site name, a slug or a domain. Of several of one name the one that stands is meant,
 * else the newest. `of`: what is asked is done to wikis of this engine only. @throws CommandFailure `wiki_not_found`, or
 * `ambiguous` when one of each engine stands
 */
export async function findWiki(api: ApiClient, meant: string, of?: Engine): Promise<Wiki> {
  if (/^[1-9]\d{0,14}$/.test(meant)) {
    // Digits may be a name, too.
    const byId = await notFoundAsUndefined(api.ask({ path: `/v1/wikis/${meant}`, answer: Wiki }))
    if (byId !== undefined && byId.engine === (of ?? byId.engine)) return byId
  }
  const found: Wiki[] = []
  for (const engine of of === undefined ? engines : [of]) {
    const wiki = await findOf(api, engine, meant)
    if (wiki !== undefined) found.push(wiki)
  }
  const standing = found.filter(({ status }) => !over.has(status))
  if (standing.length > 1) {
    throw new CommandFailure('refused', `${meant} is a FedWiki site and a MediaWiki wiki.`, {
      code: 'ambiguous',
      next: `Say which by its id: ${standing.map(({ id, engine }) => `${String(id)} (${engine})`).join(', ')}`,
    })
  }
  const [first] = standing.length === 1 ? standing : found
  if (first !== undefined) return first
  throw new CommandFailure('refused', `There is no ${of === undefined ? 'wiki' : nouns[of]} ${meant}.`, {
    code: 'wiki_not_found',
    next: 'See which there are with: wikistead list',
  })
}

const nouns: Readonly<Record<Engine, string>> = { fedwiki: 'FedWiki site', mediawiki: 'MediaWiki wiki' }

const over: ReadonlySet<Wiki['status']> = new Set(['deleted', 'failed', 'removed'])

/** By the name that one engine knows it by. */
export async function findOf(api: ApiClient, engine: Engine, name: string): Promise<Wiki | undefined> {
  const lower = name.toLowerCase()
  const address = engine === 'mediawiki' || name.includes('.') ? lower : await completed(api, lower)
  let newest: Wiki | undefined
  let cursor: string | null = null
  while (address !== undefined) {
    const query = new URLSearchParams({
      engine,
      q: address,
      limit: '200',
      ...(cursor !== null && { cursor }),
    })
    const page: WikiList = await api.ask({ path: `/v1/wikis?${String(query)}`, answer: WikiList })
    for (const wiki of page.wikis) {
      if (wiki.address !== address) continue
      if (!over.has(wiki.status)) return wiki
      newest ??= wiki
    }
    cursor = page.next_cursor
    if (cursor === null) break
  }
  return newest
}

/** A site name with the farm's domain behind it; undefined where there is no such engine. */
async function completed(api: ApiClient, name: string): Promise<string | undefined> {
  try {
    const path = `/v1/names/fedwiki/${encodeURIComponent(name)}`
    return (await api.ask({ path, answer: Name })).address
  } catch (error) {
    if (error instanceof CommandFailure && error.details.code === 'engine_off') return undefined
    throw error
  }
}

async function notFoundAsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CommandFailure && error.details.code === 'wiki_not_found') return undefined
    throw error
  }
}
