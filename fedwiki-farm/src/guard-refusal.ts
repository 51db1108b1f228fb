/** An answer that the guard gives in the farm's stead: as a page to a browser, as FedWiki's `{error}` to a program. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export class GuardRefusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  /** @param message one sentence for whoever asked. */
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export function answerRefusal(req: IncomingMessage, res: ServerResponse, refusal: GuardRefusal): void {
  const { status, message, headers } = refusal
  const asPage = req.headers.accept?.includes('text/html') === true
  const body = asPage ? page(message) : JSON.stringify({ error: message })
  res.writeHead(status, {
    ...headers,
    'content-type': asPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  // What is left of the request would stand in the way of the connection's next one.
  req.resume()
}

/** The messages are the guard's own and hold nothing that a visitor sent. */
function page(message: string): string {
  return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>${message}</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em"><p>${message}</p></body></html>
`
}
