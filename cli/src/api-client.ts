/** The HTTP API as a program uses it: answers checked against the contracts, problems turned into failures. */
import { randomUUID } from 'node:crypto'
import { isRefusalCode, Problem } from '@wikistead/contracts'
import type { z } from 'zod'
import type { ApiPlace } from './api-place.ts'
import { CommandFailure, isNobodys } from './errors.ts'
import { nextStep } from './next-steps.ts'

export interface ApiRequest<T> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: unknown
  readonly answer: z.ZodType<T>
  /** A status beside 2xx that comes with this answer. */
  readonly alsoStatus?: number
  /** How long the answer may take; default 60,000. */
  readonly patienceMs?: number
}

const usualPatienceMs = 60_000

export class ApiClient {
  readonly url: string
  readonly #token: string | undefined
  readonly #tokenFrom: string

  constructor({ url, token, tokenFrom }: ApiPlace) {
    this.url = url
    this.#token = token
    this.#tokenFrom = tokenFrom
  }

  /** @throws CommandFailure `unreachable`, `refused`, `fault` */
  async ask<T>(request: ApiRequest<T>): Promise<T> {
    const { method = 'GET', path, body, answer, alsoStatus, patienceMs = usualPatienceMs } = request
    const response = await this.#send(path, {
      ...{ method, signal: AbortSignal.timeout(patienceMs) },
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return this.#read(response, answer, alsoStatus)
  }

  /** Starts a task, or answers at once where nothing is left to do. A lost answer is asked for again, once. */
  async startTask<T>(request: ApiRequest<T>): Promise<T> {
    const { method = 'POST', path, body, answer } = request
    const headers = {
      prefer: 'respond-async',
      'idempotency-key': randomUUID(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const send = () =>
      this.#send(path, {
        ...{ method, headers, signal: AbortSignal.timeout(usualPatienceMs) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    const response = await send().catch((error: unknown) => {
      if (error instanceof CommandFailure && error.details.code === 'ECONNREFUSED') throw error
      return send()
    })
    return this.#read(response, answer)
  }

  /** The stream of a task's events after this one; `soFar`: it ends with what there is. @throws CommandFailure as `ask` does */
  async events(
    taskId: string,
    after: number,
    signal: AbortSignal,
    { soFar = false } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send(
      `/v1/tasks/${encodeURIComponent(taskId)}/events${soFar ? '?follow=0' : ''}`,
      {
        headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
        signal,
      },
    )
    if (!response.ok) throw await this.#failureOf(response)
    const { body } = response
    if (body === null || !isType(response, 'text/event-stream')) throw this.#notOurs(response)
    return body
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const headers = new Headers(init.headers)
      if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`)
      return await fetch(this.url + path, { ...init, headers, redirect: 'manual' })
    } catch (error) {
      if (init.signal?.aborted === true && !isTimeout(init.signal.reason)) throw init.signal.reason
      const { code, message } = isTimeout(error) ? { code: 'ETIMEDOUT', message: '' } : causeOf(error)
      throw new CommandFailure('unreachable', `No API answers at ${this.url} (${code ?? message}).`, {
        code: code ?? 'unreachable',
        next: 'Start it with `wikistead start`, or say where it is with --api or WIKISTEAD_API.',
      })
    }
  }

  async #read<T>(response: Response, answer: z.ZodType<T>, alsoStatus?: number): Promise<T> {
    if (!response.ok && response.status !== alsoStatus) throw await this.#failureOf(response)
    if (!isType(response, 'application/json')) throw this.#notOurs(response)
    const { data, error } = answer.safeParse(await response.json())
    if (error === undefined) return data
    throw new CommandFailure(
      'fault',
      `The API at ${this.url} answers in a way that this command does not know.`,
      {
        next: 'Use the `wikistead` command of the same version as the API.',
      },
    )
  }

  async #failureOf(response: Response): Promise<CommandFailure> {
    if (!isType(response, 'application/problem+json')) return this.#notOurs(response)
    const { data: problem } = Problem.safeParse(await response.json())
    if (problem === undefined) return this.#notOurs(response)
    const { code, detail, title, problems = [], task_id, request_id, support_url } = problem
    const fields = problems.map(({ path, message }) => `  ${path}: ${message}`)
    const fault = isRefusalCode(code) ? isNobodys(code) : problem.status === 500
    return new CommandFailure(fault ? 'fault' : 'refused', [detail ?? title, ...fields].join('\n'), {
      ...{ code, task_id, request_id, support_url },
      next: nextStep(problem, this.#tokenFrom),
    })
  }

  #notOurs({ status }: Response): CommandFailure {
    return new CommandFailure(
      'unreachable',
      `What answers at ${this.url} is no Wikistead API (HTTP ${String(status)}).`,
      { code: 'not_wikistead', next: 'Say where the API is with --api or WIKISTEAD_API.' },
    )
  }
}

const isType = ({ headers }: Response, type: string): boolean =>
  headers.get('content-type')?.split(';', 1)[0]?.trim() === type

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError'

/** fetch hides what went wrong one or two causes deep. */
function causeOf(error: unknown): { readonly code?: string; readonly message: string } {
  const { code, cause, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly unknown[] }
  if (code !== undefined && code !== '') return { code, message }
  const deeper = cause ?? errors?.[0]
  return deeper === undefined ? { message } : causeOf(deeper)
}
