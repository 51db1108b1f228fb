/** Two halves: a pure formatter, and a stream that knows about closing. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { OpenStream } from '../access/open-streams.ts'

const lastWordsMs = 500

export interface SseEvent {
  readonly id?: string
  readonly event?: string
  readonly data: string
}

/** A line that proxies and clients may ignore; it carries no id. */
export const comment = (text: string): string => `: ${text}\n\n`

export function formatEvent({ id, event, data }: SseEvent): string {
  let text = ''
  if (id !== undefined) text += `id: ${id}\n`
  if (event !== undefined) text += `event: ${event}\n`
  for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`
  return `${text}\n`
}

/**
 * Hands the frames to Fastify as a stream: hooks and back-pressure apply, and `signal` fires when the client goes
 * away or may no longer listen, even while the generator waits for its next event.
 */
export function sendFrames(
  reply: FastifyReply,
  { signal, leave }: OpenStream,
  frames: (signal: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  const gone = new AbortController()
  const close = (): void => {
    gone.abort()
    leave()
  }
  reply.raw.once('close', close)
  if (reply.raw.closed) close()
  signal.addEventListener('abort', () => {
    gone.abort()
    // Who reads slowly would have what was written already for as long as they like.
    setTimeout(() => reply.raw.destroy(), lastWordsMs).unref()
  })
  return reply
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .type('text/event-stream')
    .send(Readable.from(frames(gone.signal)))
}
