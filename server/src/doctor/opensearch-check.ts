import type { Config } from '@wikistead/config'
import { Agent, fetch } from 'undici'
import { canMakeSearchUsers, searchEndpoint } from '@wikistead/mediawiki'
import { searchOfWikis } from '../parts/mediawiki-engine.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

/** OpenSearch, asked as CirrusSearch asks it. */
export async function checkOpenSearch(config: Config): Promise<Check> {
  const name = 'opensearch'
  const { wikifarmSearch, opensearchEndpoint } = config
  if (wikifarmSearch !== 'cirrus' || opensearchEndpoint === undefined)
    return fine(name, 'not used: wikifarm-search is core')
  // As every wiki reads it: its port said.
  const { url: endpoint } = searchEndpoint(opensearchEndpoint)
  const { user, password = '', ca } = searchOfWikis(config)?.server ?? {}
  const account = `${user ?? ''}:${password}`
  const headers: Record<string, string> = { accept: 'application/json' }
  if (user !== undefined) headers['authorization'] = `Basic ${Buffer.from(account).toString('base64')}`
  const agent = new Agent({ connect: { ca } })
  try {
    const answer = await fetch(endpoint, {
      ...{ headers, redirect: 'error', signal: AbortSignal.timeout(4_000), dispatcher: agent },
    })
    if (!answer.ok) {
      const mend = 'Mend opensearch-endpoint, opensearch-user and opensearch-password.'
      return broken(name, `${endpoint} answers HTTP ${String(answer.status)}`, mend)
    }
    const version = versionIn(await answer.json())
    // CirrusSearch compares the number and goes no further.
    if (version?.startsWith('7.10.') === true) return fine(name, `${endpoint}, as Elasticsearch ${version}`)
    return broken(
      name,
      `${endpoint} calls itself ${version ?? 'nothing'}, and CirrusSearch works with 7.10 only`,
      'Set compatibility.override_main_response_version: true in OpenSearch.',
    )
  } catch (error) {
    const { cause } = error as Error
    const why = inWords(cause instanceof Error ? cause : error)
    return broken(name, `${endpoint}: ${why}`, 'Start OpenSearch, or mend opensearch-endpoint.')
  } finally {
    await agent.destroy()
  }
}

/** How wikis sign in there: each with a user of its own, or all with one. */
export async function checkWikiSearch(config: Config): Promise<Check> {
  const name = 'opensearch of wikis'
  const search = searchOfWikis(config)
  if (config.wikifarmSearch !== 'cirrus' || search === undefined) return fine(name, 'not used')
  const { server, shared } = search
  if (server.user === undefined) {
    const mend = 'Install OpenSearch’s security plugin, and name an administrator with opensearch-admin-user.'
    return doubtful(name, 'whoever reaches OpenSearch is in: wikis reach each other’s indices', mend)
  }
  const mend = 'Name one with opensearch-admin-user who may use the API of the security plugin.'
  if (server.user === shared?.user) {
    return doubtful(name, `all as Wikistead itself, ${server.user}: they reach each other’s indices`, mend)
  }
  try {
    if (await canMakeSearchUsers(server, { deadlineMs: 4_000 })) return fine(name, 'a user for each')
  } catch {
    // Which the line before it says.
    return fine(name, 'not known while OpenSearch does not answer')
  }
  return shared === undefined
    ? broken(name, `none: ${server.user} may make no users, and opensearch-user is not set`, mend)
    : doubtful(name, `all as ${shared.user}: they reach each other’s indices`, mend)
}

function versionIn(answer: unknown): string | undefined {
  const { version } = (answer ?? {}) as { readonly version?: { readonly number?: unknown } }
  return typeof version?.number === 'string' ? version.number : undefined
}
