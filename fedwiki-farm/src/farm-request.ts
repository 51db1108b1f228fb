/** One request to the farm at its own port, for the site that the Host header names. */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface FarmAnswer {
  readonly status: number
  readonly body: string
}

/** @throws when the farm does not answer, or when `signal` aborts. */
export async function requestFarm(
  port: number,
  host: string,
  path: string,
  {
    headers = {},
    signal,
    machine = '127.0.0.1',
  }: { headers?: Record<string, string>; signal?: AbortSignal; machine?: string | undefined } = {},
): Promise<FarmAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FarmAnswer>()
  const outgoing = request(
    // A connection each: a kept one could belong to a farm that has died since.
    { host: machine, port, path, headers: { ...headers, host }, agent: false, ...(signal && { signal }) },
    (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject)
    },
  )
  outgoing.on('error', reject).end()
  return promise
}
