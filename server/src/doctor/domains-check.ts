/** Whether the wikis can set cookies for the console: whoever has scripts on a wiki could lock people out of it. */
import { getDomain } from 'tldts'
import type { Config } from '@wikistead/config'
import { doubtful, fine, type Check } from './check.ts'

const name = 'domains'

type Domains = Pick<
  Config,
  | 'publicUrl'
  | 'wikiRootHost'
  | 'wikifarmDir'
  | 'fedwikiFarmUrl'
  | 'fedwikiEmbeddedFarm'
  | 'fedwikiParentDomain'
>

export function checkDomains(config: Domains): Check {
  const { publicUrl } = config
  if (publicUrl === undefined) return fine(name, 'public-url is not set')
  const { hostname } = new URL(publicUrl)
  const own = registrable(hostname)
  const near = wikiDomains(config).filter((domain) => own !== null && registrable(domain) === own)
  if (near.length === 0) return fine(name, `no wiki is below the domain of ${hostname}`)
  return doubtful(
    name,
    `${hostname} and the wikis below ${near.join(' and ')} are one site to a browser: a wiki's scripts can set cookies for it`,
    'Give the console a domain of its own, which is not that of the wikis.',
  )
}

function wikiDomains(config: Domains): readonly string[] {
  const hasFarm = config.fedwikiFarmUrl !== undefined || config.fedwikiEmbeddedFarm
  return [
    ...(config.wikifarmDir !== undefined && config.wikiRootHost !== undefined ? [config.wikiRootHost] : []),
    ...(hasFarm ? [config.fedwikiParentDomain] : []),
  ]
}

/** By the public suffix list, what is private in it included. Null for an address and for a name without a domain. */
const registrable = (host: string): string | null => getDomain(host, { allowPrivateDomains: true })
