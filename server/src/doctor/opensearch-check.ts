import type { Config } from '@wikistead/config'
import { broken, fine, inWords, type Check } from './check.ts'

/** OpenSearch, asked as CirrusSearch asks it. */
export async function checkOpenSearch(config: Config): Promise<Check> {
  const name = 'opensearch'
  const { wikifarmSearch, opensearchEndpoint: endpoint = '', opensearchUser, opensearchPassword } = config
  if (wikifarmSearch !== 'cirrus') return fine(name, 'not used: wikifarm-search is core')
  const account = `${opensearchUser ?? ''}:${opensearchPassword?.reveal() ?? ''}`
  const headers: Record<string, string> = { accept: 'application/json' }
  if (opensearchUser !== undefined)
    headers['authorization'] = `Basic ${Buffer.from(account).toString('base64')}`
  try {
    const answer = await fetch(endpoint, { headers, redirect: 'error', signal: AbortSignal.timeout(4_000) })
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
  }
}

function versionIn(answer: unknown): string | undefined {
  const { version } = (answer ?? {}) as { readonly version?: { readonly number?: unknown } }
  return typeof version?.number === 'string' ? version.number : undefined
}
