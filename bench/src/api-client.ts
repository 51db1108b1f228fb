/** Wikistead's API, asked as a script would. */
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

  async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const answer = await request(this.#url + path, {
      method,
      headers: {
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
