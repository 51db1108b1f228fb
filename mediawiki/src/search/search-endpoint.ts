/** The one reading of OPENSEARCH_ENDPOINT; `LocalSettings.php` of the template reads it so as well, and a test holds the two together. */

export interface SearchEndpoint {
  /** As it is in addresses: IPv6 in brackets. */
  readonly host: string
  /** Said, or the scheme's own. */
  readonly port: number
  readonly transport: 'Http' | 'Https'
  /** Before every path: '' or like `/search`, without a slash at its end. */
  readonly path: string
  /** All of it, the port said: everybody reads that alike, settings of earlier releases too. */
  readonly url: string
}

/** @throws TypeError for what is no http or https address */
export function searchEndpoint(given: string): SearchEndpoint {
  const { protocol, hostname: host, port: said, pathname } = new URL(given)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError('neither http nor https')
  const isTls = protocol === 'https:'
  const port = said === '' ? (isTls ? 443 : 80) : Number(said)
  const path = pathname.replace(/\/+$/, '')
  return {
    ...{ host, port, transport: isTls ? 'Https' : 'Http', path },
    url: `${protocol}//${host}:${String(port)}${path}`,
  }
}
