/** The components' questions, answered by the REST proxy of the wiki that shows them. */
import { FarmApiError, type FarmApi } from '@wikistead/components'
import type { Task, TaskAccepted, WantedWiki, Wiki } from '@wikistead/contracts'
import { joinedEvents } from './joined-events.ts'

const base = (): string => `${mw.util.wikiScript('rest')}/wikifarm/v1`

export function extensionApi(): FarmApi {
  return {
    async listWikis({ which, cursor, limit }) {
      const query = new URLSearchParams()
      if (cursor !== undefined) query.set('offset', cursor)
      if (limit !== undefined) query.set('limit', String(limit))
      const path = which === 'featured' ? '/wikis/featured' : '/users/me/wikis'
      const page = await ask<{ wikis: Wiki[]; next_offset?: number }>(`${path}?${query.toString()}`)
      return {
        wikis: page.wikis,
        next_cursor: page.next_offset === undefined ? null : String(page.next_offset),
      }
    },
    createWiki: (wanted: WantedWiki, idempotencyKey) => {
      if (wanted.engine !== 'mediawiki') throw new TypeError('a hub makes MediaWiki wikis only')
      const { name, slug, language, visibility } = wanted
      return change<TaskAccepted>('/wikis', { name, slug, language, visibility }, idempotencyKey)
    },
    getTask: (taskId) => ask<Task>(`/tasks/${encodeURIComponent(taskId)}`),
    retryTask: (taskId) => change(`/tasks/${encodeURIComponent(taskId)}/retry`),
    cancelTask: (taskId) => change(`/tasks/${encodeURIComponent(taskId)}/cancel`),
    taskEvents: (taskId, after, signal) => joinedEvents(eventsOf(taskId), after, signal),
  }
}

const eventsOf =
  (taskId: string) =>
  async (after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
    const answer = await request(`/tasks/${encodeURIComponent(taskId)}/events`, {
      headers: { accept: 'text/event-stream', ...(after > 0 && { 'last-event-id': String(after) }) },
      signal,
    })
    if (answer.body === null) throw new FarmApiError({ status: 0, code: 'unreachable' })
    return answer.body
  }

async function ask<T>(path: string): Promise<T> {
  return (await (await request(path, {})).json()) as T
}

async function change<T>(path: string, body: object = {}, idempotencyKey?: string): Promise<T> {
  const send = async (token: string): Promise<T> => {
    const answer = await request(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify({ ...body, token }),
    })
    return (await answer.json()) as T
  }
  try {
    return await send(mw.user.tokens.get('csrfToken'))
  } catch (error) {
    // The page is older than the session: its token is another by now.
    if (!(error instanceof FarmApiError) || !error.code.startsWith('rest-badtoken')) throw error
    return send(await freshToken())
  }
}

async function freshToken(): Promise<string> {
  const url = `${mw.util.wikiScript('api')}?action=query&meta=tokens&format=json&formatversion=2`
  const { query } = (await (await fetch(url)).json()) as { query: { tokens: { csrftoken: string } } }
  return query.tokens.csrftoken
}

/** @throws FarmApiError for every answer that is none */
async function request(path: string, init: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(base() + path, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new FarmApiError({ status: 0, code: navigator.onLine ? 'unreachable' : 'offline' })
  }
  if (answer.ok) return answer
  const told = (await answer.json().catch(() => ({}))) as Told
  throw new FarmApiError({
    status: answer.status,
    code: told.code ?? told.errorKey ?? 'fault',
    detail: told.message ?? Object.values(told.messageTranslations ?? {})[0],
  })
}

/** An error of MediaWiki's REST, with what WikiFarmHandler.php adds. */
interface Told {
  readonly code?: string
  readonly message?: string
  readonly errorKey?: string
  readonly messageTranslations?: Readonly<Record<string, string>>
}
