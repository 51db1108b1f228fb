/**
 * HTTP to the farm, and nothing of what it means: where to connect and what Host to send differ, nothing is followed
 * or sent twice, everything has a deadline and a size, and it is always known whether a request may have arrived.
 */
import { type Dispatcher, errors, Pool } from 'undici'
import { FarmFault } from './farm-error.ts'

export interface FarmConnectionOptions {
  /** Where to connect, e.g. `http://127.0.0.1:3000`. */
  readonly baseUrl: string
  /** The Host header, with a port if it needs one. */
  readonly adminHost: string
  /** As it is when a request is made. */
  readonly token: () => string
  /** To connect, to the first header, between two pieces of a body, and for a whole answer that is no list. */
  readonly timeoutMs: number
}

export interface FarmRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
}

export interface FarmAnswer {
  readonly status: number
  /** The parsed body; undefined when it was no JSON. */
  readonly json: unknown
  readonly retryAfterMs: number | undefined
}

/** One operation, of one request or several; says what a fault in it may have left behind. */
export interface Operation {
  readonly signal: AbortSignal
  /** Set when a request of it goes onto the wire. */
  mayHaveReachedFarm: boolean
}

export class FarmConnection {
  readonly #pool: Pool
  readonly #adminHost: string
  readonly #token: () => string
  readonly #timeoutMs: number

  /** @throws Error on a setting that could not work */
  constructor({ baseUrl, adminHost, token, timeoutMs }: FarmConnectionOptions) {
    const { origin, protocol } = new URL(baseUrl)
    if (!['http:', 'https:'].includes(protocol))
      throw new Error('The address of the farm must be http or https.')
    if (!/^[\x21-\x7e]+$/.test(token()))
      throw new Error('The token of the farm must be printable ASCII without spaces.')
    this.#adminHost = adminHost
    this.#token = token
    this.#timeoutMs = timeoutMs
    this.#pool = new Pool(origin, {
      connections: maximumConnections,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      allowH2: false,
    })
  }

  /** @throws FarmFault when there was no whole answer; the signal's reason when that ended it */
  async ask(request: FarmRequest, operation: Operation): Promise<FarmAnswer> {
    return this.#exchange(request, operation, this.#timeoutMs, readAnswer)
  }

  /**
   * Hands a JSON answer of status 200 to `read` as it arrives; gives any other answer back. What `read` throws passes.
   * @throws FarmFault, also out of the body, when the answer did not come to its end within `timeoutMs`
   */
  async stream<T>(
    request: FarmRequest,
    operation: Operation,
    timeoutMs: number,
    read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<{ readonly read: T } | { readonly answer: FarmAnswer }> {
    return this.#exchange(request, operation, timeoutMs, async (response, body) =>
      response.statusCode === 200 && isJson(response)
        ? { read: await read(body) }
        : { answer: await readAnswer(response, body) },
    )
  }

  /** Ends every request under way. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #exchange<T>(
    { method, path, body }: FarmRequest,
    operation: Operation,
    timeoutMs: number,
    take: (response: Dispatcher.ResponseData, body: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T> {
    operation.signal.throwIfAborted()
    const deadline = AbortSignal.timeout(timeoutMs)
    let sent = false
    const explain = (error: unknown) => explained(error, operation, { late: deadline.aborted, sent })
    const response = await this.#pool
      .compose(whenSent(() => (operation.mayHaveReachedFarm = sent = true)))
      .request({
        method,
        path,
        headers: {
          ...{ host: this.#adminHost, authorization: `Bearer ${this.#token()}` },
          ...{ accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.any([operation.signal, deadline]),
      })
      .catch((error: unknown) => {
        throw explain(error)
      })
    return take(response, explaining(response.body, explain))
  }
}

const maximumConnections = 8
/** One site with a fat owner.json, or an error page. */
const maximumAnswerBytes = 1_048_576
const maximumRetryAfterMs = 3_600_000

function whenSent(note: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      // Called when a connection stands and the request is about to be written to it.
      onRequestStart(controller, context) {
        note()
        handler.onRequestStart?.(controller, context)
      },
      onResponseStart: (...response) => handler.onResponseStart?.(...response),
      onResponseData: (...data) => handler.onResponseData?.(...data),
      onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
      onResponseError: (...error) => handler.onResponseError?.(...error),
    })
}

async function readAnswer(
  response: Dispatcher.ResponseData,
  body: AsyncIterable<Uint8Array>,
): Promise<FarmAnswer> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > maximumAnswerBytes) {
      throw new FarmFault('The farm answered with more than an answer can be.', {
        mayHaveReachedFarm: true,
        status: response.statusCode,
      })
    }
    text += decoder.decode(piece, { stream: true })
  }
  return {
    status: response.statusCode,
    json: isJson(response) ? parsed(text + decoder.decode()) : undefined,
    retryAfterMs: retryAfterMs(response.headers['retry-after']),
  }
}

function isJson({ headers }: Dispatcher.ResponseData): boolean {
  const type =
    String(headers['content-type'] ?? '')
      .split(';')[0]
      ?.trim()
      .toLowerCase() ?? ''
  return type === 'application/json' || type.endsWith('+json')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '').trim()
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), maximumRetryAfterMs)
}

async function* explaining(body: AsyncIterable<Uint8Array>, explain: (error: unknown) => Error) {
  try {
    yield* body
  } catch (error) {
    throw explain(error)
  }
}

/** The words are ours: a parser's error carries the bytes that it stumbled over. */
function explained(
  error: unknown,
  { signal, mayHaveReachedFarm }: Operation,
  { late, sent }: { late: boolean; sent: boolean },
): Error {
  if (signal.aborted) return signal.reason as Error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  const silent = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
  const what =
    late || silent
      ? 'did not answer in time'
      : sent
        ? `broke off before its answer was complete (${code})`
        : `could not be reached (${code})`
  return new FarmFault(`The farm ${what}.`, { mayHaveReachedFarm })
}
