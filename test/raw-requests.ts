/** Requests as bytes, most of them off in one place or another, and how to send them. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'

export interface Around {
  /** Of which requests are mostly made. */
  readonly hosts: readonly string[]
  readonly targets: readonly string[]
  readonly strangeHosts: readonly string[]
  readonly strangeTargets: readonly string[]
  /** Whole requests that must be refused, for bodies: they must not be taken for requests, or not pass as such. */
  readonly refused: readonly string[]
}

/** Headers that say how long it is, and what comes after all headers. */
type Body = [readonly string[], Buffer]

/** One to three requests in a row, or no request at all. */
export function rawRequests({ hosts, targets, strangeHosts, strangeTargets, refused }: Around) {
  const host = mostly(hosts, strangeHosts)
  const head = fc
    .tuple(method, mostly(targets, strangeTargets), version, host)
    .map(([verb, url, http, name]) => {
      return `${verb} ${url} ${http}\r\nHost: ${name}\r\n`
    })
  const header = fc.oneof(
    { weight: 1, arbitrary: host.map((name) => `Host: ${name}`) },
    { weight: 20, arbitrary: mostly(usualHeaders, strangeHeaders) },
  )
  const hidden = fc.constantFrom(...refused.map((request) => Buffer.from(request)))
  const body = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Body>([[], Buffer.alloc(0)]) },
    { weight: 2, arbitrary: hidden.map((part): Body => [[`Content-Length: ${part.length}`], part]) },
    { weight: 2, arbitrary: hidden.map((part): Body => [['Transfer-Encoding: chunked'], inChunks(part)]) },
    ...[hidden, hidden.map(inChunks), hidden.map(behindTheLastChunk)].map((arbitrary) => ({
      ...{ weight: 1, arbitrary: arbitrary.map((part): Body => [[], part]) },
    })),
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes): Body => [[], Buffer.from(bytes)]) },
  )
  const headers = fc.uniqueArray(header, { maxLength: 4 })
  const request = fc
    .tuple(head, headers, fc.array(lineEnd, { minLength: 6, maxLength: 6 }), body)
    .map(([start, named, ends, [framing, rest]]) => {
      const lines = [...named, ...framing].map((line, index) => line + String(ends[index]))
      return Buffer.concat([Buffer.from(start + lines.join('') + String(ends[5]), 'latin1'), rest])
    })
  const row = fc.array(request, { minLength: 1, maxLength: 3 }).map((parts) => Buffer.concat(parts))
  const noise = fc.uint8Array({ maxLength: 512 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof({ weight: 9, arbitrary: row }, { weight: 1, arbitrary: noise })
}

/** In two pieces; resolves to all that came back until the other side hung up, or went on waiting for more. */
export async function sendRow(port: number, bytes: Buffer, host: string, cut: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  const closed = once(socket, 'close').catch(() => undefined)
  const leave = () => socket.destroy()
  socket.on('error', leave).setTimeout(1_000, leave)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(bytes.subarray(0, cut))
  await sleep(0)
  socket.write(bytes.subarray(cut))
  // They are a body's or a header's rest, if such a thing is still awaited; the last ends the connection.
  const rest = `GET /the-end HTTP/1.1\r\nHost: ${host}\r\n`
  socket.write(`${rest}\r\n`.repeat(20) + `${rest}Connection: close\r\n\r\n`)
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

function mostly(usual: readonly string[], strange: readonly string[]) {
  return fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...strange) },
  )
}

const lineEnd = mostly(['\r\n', '\r\n', '\r\n'], ['\n', '\r', '\r\r\n', '\r\n '])
const method = mostly('GET POST PUT DELETE HEAD OPTIONS'.split(' '), [
  'PATCH',
  'get',
  'CONNECT',
  'GET\0',
  'PRI',
  '',
])
const version = mostly(['HTTP/1.1'], ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', ''])
const usualHeaders = [
  ...[
    'Accept: text/html',
    'Accept-Language: en',
    'User-Agent: a browser',
    'Referer: http://notes.wiki.test/',
  ],
  ...[
    'Accept: */*',
    'Content-Length: 0',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Connection: keep-alive',
  ],
  ...['Cookie: wikiSession=x', 'Sec-Fetch-Site: same-site', 'Sec-Fetch-Site: same-origin', 'Origin: null'],
]
const strangeHeaders = [
  ...[
    'Host : other.test',
    ' Host: other.test',
    'HOST\t: x',
    'Connection: close',
    'Connection: Host',
    'Trailer: Host',
  ],
  ...[
    'Content-Length: 999',
    'Content-Length: 0',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Content-Length: -1',
    'Content-Length: +5',
    'Content-Length: 5, 5',
    'Content-Length: 0x5',
  ],
  ...[
    'Content-Length : 5',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'Transfer_Encoding: chunked',
  ],
  ...[
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding: \x0bchunked',
  ],
  ...['Connection: Content-Length', 'Connection: Transfer-Encoding', 'Connection: Cookie, Sec-Fetch-Site'],
  ...[
    'X-HTTP-Method-Override: DELETE',
    'X_HTTP_Method_Override: DELETE',
    'Upgrade: websocket',
    'Expect: 100-continue',
  ],
  ...[
    'X-Forwarded-Host: other.test',
    'X-Wikistead-Wiki: other',
    'X_Wikistead_Wiki: other',
    'X: \0',
    'X: \x80',
    ': x',
    'X',
  ],
]

function inChunks(part: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n0\r\n\r\n')])
}

function behindTheLastChunk(part: Buffer): Buffer {
  return Buffer.concat([Buffer.from('5;a=b\r\nhello\r\n0\r\nHost: x\r\n\r\n'), part])
}
