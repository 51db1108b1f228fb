/**
 * What may reach the farm. The farm takes the Host header as the name of a folder and as a key of an object
 * (`__proto__` ends it), lets a header change the method, takes a sibling site's page for the owner, and FarmManager takes
 * whatever is in its path or its body as the name of a folder to make or remove (`%2F` is all of them).
 */
import type { IncomingMessage } from 'node:http'
import { isPlainDomain } from '@wikistead/contracts'
import { isFromSiteItself } from 'wiki-security-wikistead/request-origin'
import { GuardRefusal } from './guard-refusal.ts'

export interface GuardedRequest {
  /** The site: lower case, without port and leading `www.`. */
  readonly site: string
  /** The Host header for the farm. */
  readonly host: string
  /** Makes or changes sites: FarmManager, or the security package's own routes. */
  readonly controlPlane: boolean
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
const methodOverrides = ['x-http-method-override', 'x-http-method', 'x-method-override']
const controlPlanePaths = [
  /^\/plugin\/farmmanager\/sites(?:\/(?<domain>[^/]+))?$/,
  /^\/auth\/wikistead(?:\/(?:owners|suspensions)\/(?<domain>[^/]+))?$/,
]

/** @throws GuardRefusal for whatever must not reach the farm. */
export function checkRequest(req: IncomingMessage, adminHost: string): GuardedRequest {
  const { host, site } = checkHost(req)
  const url = req.url ?? ''
  if (!url.startsWith('/')) throw new GuardRefusal(400, 'This address is not one of a site.')
  const [path = '', query = ''] = splitOnce(url, '?')
  const controlPlane = isControlPlane(path)
  if (controlPlane) checkControlPlane(path, site, adminHost)
  checkMethod(req, query, controlPlane)
  if (!isFromSiteItself(req)) {
    throw new GuardRefusal(
      403,
      'This did not come from a page of this site. Load the page again, and repeat it there.',
    )
  }
  return { site, host, controlPlane }
}

function checkHost(req: IncomingMessage): { host: string; site: string } {
  const [received, ...more] = req.headersDistinct['host'] ?? []
  const [, name = '', port] = /^([a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(received ?? '') ?? []
  const lower = name.toLowerCase()
  const site = lower.replace(/^www\./, '')
  if (more.length > 0 || !isPlainDomain(site) || Number(port ?? 0) > 65_535) {
    throw new GuardRefusal(400, 'The Host header is not the name of a site.')
  }
  return { host: port === undefined ? lower : `${lower}:${port}`, site }
}

function checkMethod(req: IncomingMessage, query: string, controlPlane: boolean): void {
  const method = req.method ?? ''
  if (!methods.has(method) && !(controlPlane && method === 'PATCH')) {
    throw new GuardRefusal(405, 'This method is not used here.', { allow: [...methods].join(', ') })
  }
  const overridden =
    methodOverrides.some((name) => req.headers[name] !== undefined) ||
    new URLSearchParams(query).has('_method')
  if (overridden) throw new GuardRefusal(400, 'A request of one method cannot stand for another.')
  const hasBody =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    throw new GuardRefusal(400, 'A request of this method has no body.')
  }
}

/** However the path is written: encoded, encoded twice, in capitals, with doubled slashes. */
function isControlPlane(path: string): boolean {
  for (const reading of readings(path)) {
    const segments = reading
      .toLowerCase()
      .split(/[/\\]/)
      .filter((segment) => segment !== '')
    if (segments.some((segment) => segment === '.' || segment === '..')) {
      throw new GuardRefusal(400, 'The path must be written without dot segments.')
    }
    const [first, second] = segments
    if (first === 'plugin' && second === 'farmmanager') return true
    if (first === 'auth' && second === 'wikistead') return true
  }
  return false
}

/** The path as it is, decoded, decoded again… until it stays the same. */
function* readings(path: string): Generator<string> {
  let reading = path
  for (;;) {
    yield reading
    const decoded = decode(reading)
    if (decoded === undefined && reading === path)
      throw new GuardRefusal(400, 'The path is not encoded rightly.')
    if (decoded === undefined || decoded === reading) return
    // eslint-disable-next-line no-control-regex
    if (/[\0-\x1f\x7f]/.test(decoded)) throw new GuardRefusal(400, 'The path has a control character in it.')
    reading = decoded
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function checkControlPlane(path: string, site: string, adminHost: string): void {
  if (site !== adminHost) throw new GuardRefusal(404, 'Nothing is served here.')
  for (const pattern of controlPlanePaths) {
    const match = pattern.exec(path)
    const domain = match?.groups?.['domain']
    if (match !== null && (domain === undefined || isPlainDomain(domain))) return
  }
  throw new GuardRefusal(400, 'A site is named in the path by its lower-case domain, unencoded.')
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
