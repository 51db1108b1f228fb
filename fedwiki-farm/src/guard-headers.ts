/** Headers between two connections: those of the one connection do not belong on the other. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
])
const forwarded = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
]

/** Without the headers of the connection itself, and those that `Connection` names. */
export function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !hopByHop.has(name) && !named.includes(name),
  )
  return Object.fromEntries(kept) as Record<string, string | string[]>
}

/**
 * The request's headers for the farm.
 *
 * @param trustProxy whether a proxy of ours stands before the guard, whose word about the client counts.
 */
export function headersForFarm(
  req: IncomingMessage,
  host: string,
  trustProxy: boolean,
): Record<string, string | string[]> {
  const headers = endToEnd(req.headers)
  const before = trustProxy ? { ...headers } : {}
  for (const name of forwarded) delete headers[name]
  const address = req.socket.remoteAddress ?? ''
  return {
    ...headers,
    host,
    'x-forwarded-for': [before['x-forwarded-for'] ?? [], address].flat().join(', '),
    'x-forwarded-host': before['x-forwarded-host'] ?? host,
    'x-forwarded-proto': before['x-forwarded-proto'] ?? 'http',
  }
}
