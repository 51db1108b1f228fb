/**
 * Every request of the console: with the session's cookie and its CSRF token, its answer or a `FarmApiError`. Whoever
 * adds a page for another part of the API builds on this.
 */
import { FarmApiError } from '@wikistead/components'
import type { Problem } from '@wikistead/contracts'

export interface Asking {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface SessionHold {
  /** null without a session. */
  csrfToken(): string | null
  /** Asks for the session again; its token may have been renewed in another tab. */
  renew(): Promise<void>
  /** The server does not know the session any more. */
  lost(): void
  /** Asks whoever sits there to sign in once more, and whether to go on then; `where`: at the provider, else by a link. */
  showAgain(where: string | null): Promise<boolean>
}

export class Http {
  readonly #session: SessionHold

  constructor(session: SessionHold) {
    this.#session = session
  }

  async json<T>(method: Method, path: string, asking: Asking = {}): Promise<T> {
    const answer = await this.send(method, path, asking)
    if (answer.status === 204) return undefined as T
    return (await answer.json()) as T
  }

  /** The answer itself, which is a good one. @throws FarmApiError */
  async send(method: Method, path: string, asking: Asking = {}): Promise<Response> {
    try {
      return await this.#once(method, path, asking)
    } catch (error) {
      if (!(error instanceof FarmApiError)) throw error
      if (error.code === 'unauthenticated' && this.#session.csrfToken() !== null) this.#session.lost()
      if (!(await this.#isMended(error))) throw error
      return this.#once(method, path, asking)
    }
  }

  /** Whether the same request may go well now. */
  async #isMended({ code, details }: FarmApiError): Promise<boolean> {
    if (code === 'csrf_mismatch') {
      await this.#session.renew()
      return true
    }
    if (code !== 'fresh_sign_in_required') return false
    const { sign_in: where } = details
    return this.#session.showAgain(typeof where === 'string' ? where : null)
  }

  async #once(
    method: Method,
    path: string,
    { query = {}, body, headers, signal }: Asking,
  ): Promise<Response> {
    const search = new URLSearchParams(
      Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ).toString()
    const csrf = method === 'GET' ? null : this.#session.csrfToken()
    let answer: Response
    try {
      answer = await fetch(search === '' ? path : `${path}?${search}`, {
        method,
        credentials: 'same-origin',
        headers: {
          accept: 'application/json, application/problem+json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(csrf !== null && { 'x-csrf-token': csrf }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      })
    } catch (error) {
      if (signal?.aborted === true) throw error
      throw new FarmApiError({ status: 0, code: navigator.onLine ? 'unreachable' : 'offline' })
    }
    if (!answer.ok) throw await refusalOf(answer)
    return answer
  }
}

async function refusalOf(answer: Response): Promise<FarmApiError> {
  const { status, headers } = answer
  const retryAfter = Number(headers.get('retry-after'))
  const when = retryAfter > 0 ? { retryAfter } : {}
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>
  if (problem.code === undefined) {
    // No words of ours: a proxy in front, or nobody behind it.
    return new FarmApiError({ status, code: status >= 500 ? 'unreachable' : 'fault', ...when })
  }
  return new FarmApiError({
    status,
    code: problem.code,
    detail: problem.detail,
    requestId: problem.request_id,
    supportUrl: problem.support_url,
    taskId: problem.task_id,
    details: problem.details,
    ...when,
  })
}
