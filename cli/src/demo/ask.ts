import { request, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Request {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** By address with a Host header, since only browsers know that *.localhost is this machine. */
export function ask(
  doorUrl: string,
  host: string,
  path: string,
  { method = 'GET', headers = {}, body }: Request = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { method, headers: { ...headers, host }, agent: false, signal: AbortSignal.timeout(10_000) }
  const outgoing = request(doorUrl + path, options, (answer) => {
    text(answer).then((body) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
    }, reject)
  })
  outgoing.on('error', reject).end(body)
  return promise
}
