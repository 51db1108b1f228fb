/** Our own OpenID provider, where members sign in at no other: whether clients find it, and keys to believe it by. */
import { openidPath } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import type { Running } from '../parts/running.ts'
import { signInProvider } from '../parts/sign-in-provider.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

const check = 'openid provider'
const patienceMs = 4_000

export async function checkOwnProvider(
  config: Config,
  running: Running | undefined,
): Promise<readonly Check[]> {
  if (signInProvider(config) !== undefined) return [fine(check, 'off: members sign in at another')]
  const api = running?.api
  if (api === undefined) return [fine(check, 'not running here')]
  try {
    const wanted = `${config.publicUrl ?? api}${openidPath}`
    const { issuer } = await ask<{ issuer?: string }>(`${api}${openidPath}/.well-known/openid-configuration`)
    if (issuer !== wanted) {
      const mend = 'Start the API with the configuration that this command has.'
      return [broken(check, `it calls itself ${issuer ?? 'nothing'}, and public-url says ${wanted}`, mend)]
    }
    const { keys = [] } = await ask<{ keys?: readonly unknown[] }>(`${api}${openidPath}/jwks`)
    if (keys.length === 0) return [broken(check, 'it has no keys', 'Start the API again, and read its log.')]
    return [fine(check, `${wanted}, ${String(keys.length)} key${keys.length === 1 ? '' : 's'}`)]
  } catch (error) {
    return [doubtful(check, `${api}: ${inWords(error)}`, 'Look at the log of the API.')]
  }
}

async function ask<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
  if (!answer.ok) throw new Error(`${url} answers ${String(answer.status)}`)
  return (await answer.json()) as T
}
