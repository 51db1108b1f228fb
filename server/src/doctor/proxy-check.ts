/** Whether visitors are told apart: by the proxy before the API, and by nothing that they say of themselves. */
import type { Config } from '@wikistead/config'
import { doubtful, broken, fine, inWords, type Check } from './check.ts'

const name = 'proxy'
const patienceMs = 5_000
/** Nobody has it: it is kept for documentation (RFC 5737). */
const madeUp = '192.0.2.1'

export async function checkProxy(config: Config): Promise<Check> {
  const { publicUrl, trustedProxies } = config
  if (publicUrl === undefined) return fine(name, 'none: public-url is not set')
  const seen = await seenAddress(publicUrl)
  if (seen instanceof Error) {
    return doubtful(
      name,
      `${publicUrl} does not answer this machine (${inWords(seen)})`,
      'Start the API and the proxy before it, or mend public-url; where this machine cannot reach it, look from another.',
    )
  }
  if (seen === madeUp) {
    return broken(
      name,
      `${publicUrl} believes whoever asks what their address is: limits by address hold nobody up`,
      'Let the proxy write X-Forwarded-For itself; in nginx: proxy_set_header X-Forwarded-For $remote_addr;',
    )
  }
  if (trustedProxies.length === 0) {
    return doubtful(
      name,
      `none is named: behind a proxy all visitors of ${publicUrl} count as ${seen}`,
      'If a proxy stands before the API, name its address in trusted-proxies.',
    )
  }
  return fine(name, `${publicUrl} sees this machine as ${seen}`)
}

async function seenAddress(publicUrl: string): Promise<string | Error> {
  try {
    const answer = await fetch(`${publicUrl}/v1/address`, {
      ...{ signal: AbortSignal.timeout(patienceMs), redirect: 'error' },
      headers: { 'x-forwarded-for': madeUp },
    })
    const { address } = (await answer.json()) as { readonly address?: unknown }
    return typeof address === 'string' ? address : new Error('what answers there is no API of ours')
  } catch (error) {
    if (!(error instanceof Error)) return new Error(String(error))
    return error.cause instanceof Error ? error.cause : error
  }
}
