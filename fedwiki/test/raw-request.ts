/** A request that nothing of ours checks. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export async function rawRequest(
  port: number,
  method: string,
  path: string,
  { host, token }: { readonly host: string; readonly token: string },
): Promise<{ status: number; body: string }> {
  const headers = { host, authorization: `Bearer ${token}` }
  const asking = request({ host: '127.0.0.1', port, method, path, headers })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: await text(response) }
}
