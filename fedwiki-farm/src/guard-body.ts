/** Request bodies on their way to the farm: counted, and FarmManager's read before they go. */
import type { IncomingMessage } from 'node:http'
import { isPlainDomain } from '@wikistead/contracts'
import { GuardRefusal } from './guard-refusal.ts'

const maxControlPlaneBytes = 65_536

/** Chunk by chunk, as fast as the farm takes them. @throws GuardRefusal 413 past the limit. */
export async function* limitedBody(req: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = Number(req.headers['content-length'] ?? 0)
  const tooLarge = () => new GuardRefusal(413, `More than ${maxBytes} bytes cannot be sent at once.`)
  if (bytes > maxBytes) throw tooLarge()
  bytes = 0
  // The connection must stay for the answer, whatever becomes of the body.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge()
    yield chunk
  }
}

/**
 * FarmManager makes a folder of whatever `domain` its JSON holds, `../x` too. What the farm gets is written anew, so
 * that it cannot read it otherwise than it was read here.
 */
export async function checkedControlPlaneBody(req: IncomingMessage): Promise<string> {
  const type = req.headers['content-type'] ?? ''
  if (
    !/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type) ||
    'content-encoding' in req.headers
  ) {
    throw new GuardRefusal(415, 'FarmManager takes plain JSON only.')
  }
  const chunks: Buffer[] = []
  for await (const chunk of limitedBody(req, maxControlPlaneBytes)) chunks.push(chunk)
  const body = parse(Buffer.concat(chunks).toString())
  if (typeof body !== 'object' || body === null) throw new GuardRefusal(400, 'The body is not JSON.')
  if ('domain' in body && !(typeof body.domain === 'string' && isPlainDomain(body.domain))) {
    throw new GuardRefusal(400, 'A site is named by its lower-case domain.')
  }
  return JSON.stringify(body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
