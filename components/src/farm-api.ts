/**
 * What the components ask of whoever shows them: the console by the HTTP API, the MediaWiki extension by its REST
 * proxy. Requests fail with a `FarmApiError`. What is optional may be missing; then the components do without.
 */
import type { Engine, Name, Task, TaskAccepted, WantedWiki, Wiki, WikiList } from '@wikistead/contracts'
import { inject, type InjectionKey } from 'vue'

export interface FarmApi {
  listWikis(query: WikiQuery): Promise<WikiList>
  /** Answers as soon as the task is admitted. The same key is one wiki, however often it is sent. */
  createWiki(wanted: WantedWiki, idempotencyKey: string): Promise<TaskAccepted>
  /** The task's server-sent events after the one numbered `after`, as they come. */
  taskEvents(taskId: string, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  getWiki?(wikiId: number): Promise<Wiki>
  nameState?(engine: Engine, name: string, options: NameOptions): Promise<Name>
  getTask?(taskId: string): Promise<Task>
  retryTask?(taskId: string): Promise<unknown>
  cancelTask?(taskId: string): Promise<unknown>
}

export interface WikiQuery {
  /** Featured wikis for everybody, or the signed-in user's own. */
  readonly which: 'featured' | 'mine'
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export interface NameOptions {
  readonly customDomain?: boolean
  readonly signal?: AbortSignal
}

export interface ErrorDetails {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Of the refusals, or `offline`, `unreachable`, `fault`. */
  readonly code: string
  /** The server's own words. */
  readonly detail?: string | undefined
  readonly requestId?: string | undefined
  readonly supportUrl?: string | undefined
  readonly taskId?: string | undefined
  /** Seconds, where the server said when to try again. */
  readonly retryAfter?: number | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export class FarmApiError extends Error implements ErrorDetails {
  readonly status: number
  readonly code: string
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly supportUrl: string | undefined
  readonly taskId: string | undefined
  readonly retryAfter: number | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(given: ErrorDetails) {
    super(given.detail ?? given.code)
    this.name = 'FarmApiError'
    this.status = given.status
    this.code = given.code
    this.detail = given.detail
    this.requestId = given.requestId
    this.supportUrl = given.supportUrl
    this.taskId = given.taskId
    this.retryAfter = given.retryAfter
    this.details = given.details ?? {}
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** Whatever was thrown, as an error to show. */
export function asFarmApiError(error: unknown): FarmApiError {
  if (error instanceof FarmApiError) return error
  return new FarmApiError({ status: 0, code: 'fault', detail: error instanceof Error ? error.message : '' })
}

export const farmApiKey: InjectionKey<FarmApi> = Symbol('farm-api')

export function useFarmApi(): FarmApi {
  const api = inject(farmApiKey)
  if (api === undefined) throw new Error('nobody provides a FarmApi')
  return api
}
