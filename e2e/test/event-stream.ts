/**
 * A client of event streams that takes nothing for granted: it reads bytes, puts frames together by hand and refuses
 * what is not exactly one of ours, and it can be cut off after any byte.
 */
import { request, type IncomingMessage } from 'node:http'

export interface Frame {
  readonly id: number
  readonly event: string
  readonly data: string
}

export interface Reading {
  readonly frames: readonly Frame[]
  readonly comments: readonly string[]
  /** The server ended it, the test cut it off, or the connection was lost. */
  readonly end: 'ended' | 'cut' | 'lost'
  /** What came of a frame whose end did not. */
  readonly rest: string
}

export interface StreamPlace {
  readonly url: string
  readonly token: string
  readonly taskId: string
}

export interface ReadOptions {
  readonly lastEventId?: number | undefined
  /** The connection is destroyed when so many bytes have come. */
  readonly cutAfterBytes?: number
  readonly onFrame?: (frame: Frame) => void
  readonly onComment?: (text: string) => void
  readonly signal?: AbortSignal
}

/** Reads until the end, whatever that is. @throws Error when nobody listens, or the answer is no event stream */
export async function readStream(place: StreamPlace, options: ReadOptions = {}): Promise<Reading> {
  const { lastEventId, cutAfterBytes = Infinity, onFrame, onComment, signal } = options
  const response = await open(place, lastEventId, signal)
  const frames: Frame[] = []
  const comments: string[] = []
  // Cut in the middle of a character, it waits for the other half.
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let bytes = 0
  const { promise, resolve } = Promise.withResolvers<Reading['end']>()
  response.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, cutAfterBytes - bytes)
    bytes += piece.length
    const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block.startsWith(':')) {
        comments.push(block)
        onComment?.(block)
      } else {
        const frame = frameOf(block)
        frames.push(frame)
        onFrame?.(frame)
      }
    }
    if (bytes < cutAfterBytes) return
    resolve('cut')
    response.destroy()
  })
  response.on('end', () => resolve(response.complete ? 'ended' : 'lost'))
  response.on('close', () => resolve('lost'))
  response.on('error', () => resolve('lost'))
  return { frames, comments, end: await promise, rest }
}

/** The response's head has come, and nothing of its body is read. */
export async function open(
  { url, token, taskId }: StreamPlace,
  lastEventId?: number,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const asking = request(`${url}/v1/tasks/${taskId}/events`, {
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
    },
    ...(signal !== undefined && { signal }),
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve)
    asking.once('error', reject)
    asking.end()
  })
  const { statusCode, headers } = response
  if (statusCode !== 200 || headers['content-type'] !== 'text/event-stream') {
    response.destroy()
    throw new Error(`no event stream: ${String(statusCode)} ${String(headers['content-type'])}`)
  }
  return response
}

function frameOf(block: string): Frame {
  const [, id, event, data] = /^id: (\d+)\nevent: ([a-z]+)\ndata: ([^\n\r]*)$/.exec(block) ?? []
  if (id === undefined || event === undefined || data === undefined) {
    throw new Error(`not a frame of ours: ${JSON.stringify(block)}`)
  }
  return { id: Number(id), event, data }
}
