/** Wikistead's API, asked as a script would. */
import { createInterface } from 'node:readline'
import { request } from 'undici'

export class ApiClient {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Resolves when the task has ended; asking for it again and again would cost more than many a task. */
  async ended(taskId: string): Promise<void> {
    const answer = await request(`${this.#url}/v1/tasks/${encodeURIComponent(taskId)}/events`, {
      headers: { authorization: `Bearer ${this.#token}` },
    })
    const log = await answer.body.text()
    if (!log.includes('"status":"succeeded"')) throw new Error(`task ${taskId} did not succeed: ${log}`)
  }

  /** A task's events as they come, until it has ended; who stops before that closes the stream. */
  async *events<Event>(taskId: string): AsyncGenerator<Event, undefined> {
    const answer = await request(`${this.#url}/v1/tasks/${encodeURIComponent(taskId)}/events`, {
      headers: { authorization: `Bearer ${this.#token}` },
    })
    // Readline passes on that the stream was closed by us.
    const lines = createInterface({ input: answer.body })
    lines.on('error', () => undefined)
    try {
      for await (const line of lines) {
        if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as Event
      }
    } finally {
      answer.body.destroy()
    }
  }

  async ask<T>(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const answer = await request(this.#url + path, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${String(answer.statusCode)} ${text}`)
    return JSON.parse(text) as T
  }
}
