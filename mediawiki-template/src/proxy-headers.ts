/** Headers between the front and PHP: those of one connection do not belong on the other. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

const ofTheConnection = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
])
const ofProxies = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
])

type Headers = Record<string, string | string[]>

export function responseHeaders(headers: IncomingHttpHeaders): Headers {
  return without(headers, ofTheConnection)
}

/** @param trustProxy whether a proxy of ours stands before the front, whose word about the client counts. */
export function requestHeaders(req: IncomingMessage, trustProxy: boolean): Headers {
  const said = trustProxy ? req.headers : {}
  const chain = [said['x-forwarded-for'] ?? [], req.socket.remoteAddress ?? ''].flat().join(', ')
  const named = (req.headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  return {
    ...without(req.headers, new Set([...ofTheConnection, ...ofProxies, ...named])),
    // Whatever `Connection` names: without it PHP would take the front's own address for the wiki's.
    ...(req.headers.host !== undefined && { host: req.headers.host }),
    'x-forwarded-for': chain,
    'x-forwarded-proto': said['x-forwarded-proto'] ?? 'http',
  }
}

/** PHP takes `X_Name` for `X-Name`: a name with an underscore is somebody's try to pass for another header. */
function without(headers: IncomingHttpHeaders, left: ReadonlySet<string>): Headers {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !left.has(name) && !name.includes('_'),
  )
  return Object.fromEntries(kept) as Headers
}
