/** One create of a MediaWiki wiki through the API, as its asker lives through it. */
import type { ApiClient } from './api-client.ts'

export interface Create {
  /** From the request to the event that says that the wiki can be used. */
  readonly usableMs: number
  /** Of each phase from its first event to its last, as they reached the client. */
  readonly phases: ReadonlyMap<string, number>
  /** From the request to the first phase's beginning. */
  readonly untilBegunMs: number
  /** From the end of each phase to the beginning of the next; without the keys, which are made beside the others. */
  readonly betweenMs: number
  /** Resolves when the task has ended, the search index included. */
  readonly ended: Promise<void>
}

interface Event {
  readonly type: string
  readonly status?: string
  readonly phase?: string
  readonly wiki_id?: number
}

interface Span {
  readonly begun: number
  ended: number
}

export async function createWiki(api: ApiClient, slug: string): Promise<Create> {
  const asked = performance.now()
  const spans = new Map<string, Span>()
  const { task_id: taskId } = await api.ask<{ task_id: string }>(
    'POST',
    '/v1/wikis',
    { engine: 'mediawiki', name: `The wiki ${slug}`, slug, language: 'en' },
    { prefer: 'respond-async' },
  )
  const events = api.events<Event>(taskId)
  for (;;) {
    const { value: event, done } = await events.next()
    if (done === true || event.status === 'failed') throw new Error(`${slug} was not made`)
    const now = performance.now()
    if (event.type === 'progress' && event.phase !== undefined) {
      const span = spans.get(event.phase)
      if (span === undefined) spans.set(event.phase, { begun: now, ended: now })
      else span.ended = now
    }
    if (event.wiki_id === undefined) continue
    return { usableMs: now - asked, ...summed(spans, asked), ended: drain(events, slug) }
  }
}

function summed(spans: ReadonlyMap<string, Span>, asked: number) {
  const inTurn = [...spans].filter(([phase]) => phase !== 'oauth').map(([, span]) => span)
  const begun = inTurn[0]?.begun ?? asked
  const inPhases = inTurn.reduce((sum, span) => sum + span.ended - span.begun, 0)
  return {
    phases: new Map([...spans].map(([phase, { begun, ended }]) => [phase, ended - begun])),
    untilBegunMs: begun - asked,
    betweenMs: (inTurn.at(-1)?.ended ?? begun) - begun - inPhases,
  }
}

async function drain(events: AsyncGenerator<Event>, slug: string): Promise<void> {
  let last: Event | undefined
  for await (const event of events) last = event
  if (last?.status !== 'succeeded') throw new Error(`the task of ${slug} did not succeed`)
}
