import { Name, Wiki, WikiList } from '@wikistead/contracts'
import type { ApiClient } from './api-client.ts'
import { CommandFailure } from './errors.ts'

/**
 * The wiki that is meant by an id, a site name or a domain. Of several of one name the one that stands is meant, else
 * the newest. @throws CommandFailure `wiki_not_found`
 */
export async function findWiki(api: ApiClient, meant: string): Promise<Wiki> {
  if (/^[1-9]\d{0,14}$/.test(meant)) {
    // Digits may be a name, too.
    const byId = await notFoundAsUndefined(api.ask({ path: `/v1/wikis/${meant}`, answer: Wiki }))
    if (byId !== undefined) return byId
  }
  const address = meant.includes('.') ? meant.toLowerCase() : await completed(api, meant.toLowerCase())
  const found = await withAddress(api, address)
  if (found !== undefined) return found
  throw new CommandFailure('refused', `There is no wiki ${meant}.`, {
    code: 'wiki_not_found',
    next: 'See which there are with: wikistead list',
  })
}

const over: ReadonlySet<Wiki['status']> = new Set(['deleted', 'failed', 'removed'])

async function withAddress(api: ApiClient, address: string): Promise<Wiki | undefined> {
  let newest: Wiki | undefined
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ q: address, limit: '200', ...(cursor !== null && { cursor }) })
    const page: WikiList = await api.ask({ path: `/v1/wikis?${String(query)}`, answer: WikiList })
    for (const wiki of page.wikis) {
      if (wiki.address !== address) continue
      if (!over.has(wiki.status)) return wiki
      newest ??= wiki
    }
    cursor = page.next_cursor
  } while (cursor !== null)
  return newest
}

/** A site name with the farm's domain behind it. */
async function completed(api: ApiClient, name: string): Promise<string> {
  const { address } = await api.ask({ path: `/v1/names/fedwiki/${encodeURIComponent(name)}`, answer: Name })
  return address
}

async function notFoundAsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CommandFailure && error.details.code === 'wiki_not_found') return undefined
    throw error
  }
}
