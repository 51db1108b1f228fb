/**
 * How an API proves that it is of this data folder before it is sent the token there: it signs what a client made up with
 * a key that only the folder's owner can read, and the address that it is asked at. Whoever took that port cannot, nor can
 * they have it signed by the true API at another address. The key opens nothing else.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { keptSecret } from './kept-secret.ts'

/** The key of the data folder's APIs, made when it is missing. */
export const keptProofKey = (dataFolder: string): Promise<string> => keptSecret(keyFile(dataFolder))

/** @param address as `addressOf` writes it */
export function proofOf(key: string, nonce: string, address: string): string {
  return createHmac('sha256', key).update(`wikistead api\n${nonce}\n${address}`).digest('base64url')
}

/** Of an API on this machine: as what it was found, and whether it has proven to be the data folder's. */
export interface Proven {
  readonly kind: 'proven'
  /** The very address that proved it: a name could lead elsewhere the next time. */
  readonly url: string
}
export type ProofOutcome = Proven | { readonly kind: 'silent' | 'stranger' }

const patienceMs = 10_000

/** Asks whoever answers at that address, which is this machine's. */
export async function askForProof(dataFolder: string, url: string): Promise<ProofOutcome> {
  const nonce = randomBytes(24).toString('base64url')
  let answer: Awaited<ReturnType<typeof ask>>
  try {
    answer = await ask(`${url}/v1/proof?nonce=${nonce}`)
  } catch (error) {
    return { kind: nobodyThere.has((error as NodeJS.ErrnoException).code ?? '') ? 'silent' : 'stranger' }
  }
  const key = await readFile(keyFile(dataFolder), 'utf8').catch(() => undefined)
  if (key === undefined) return { kind: 'stranger' }
  const wanted = Buffer.from(proofOf(key.trim(), nonce, answer.address))
  const given = Buffer.from(answer.proof)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { kind: 'stranger' }
  const { protocol, pathname } = new URL(url)
  return { kind: 'proven', url: `${protocol}//${answer.address}${pathname.replace(/\/+$/, '')}` }
}

const nobodyThere: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENOTFOUND'])

async function ask(url: string): Promise<{ readonly proof: string; readonly address: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ proof: string; address: string }>()
  request(url, { agent: false, signal: AbortSignal.timeout(patienceMs) }, (response) => {
    const { remoteAddress, remotePort } = response.socket
    const address = addressOf(remoteAddress, remotePort)
    text(response).then((body) => resolve({ proof: proofIn(body), address }), reject)
  })
    .on('error', reject)
    .end()
  return promise
}

function proofIn(body: string): string {
  try {
    const { proof } = JSON.parse(body) as { readonly proof?: unknown }
    return typeof proof === 'string' ? proof : ''
  } catch {
    return ''
  }
}

/** One end of a connection: `127.0.0.1:8410`, `[::1]:8410`. */
export function addressOf(ip: Socket['localAddress'], port: Socket['localPort']): string {
  const plain = (ip ?? '').replace(/^::ffff:/, '')
  return `${plain.includes(':') ? `[${plain}]` : plain}:${String(port ?? 0)}`
}

const keyFile = (dataFolder: string): string => join(dataFolder, 'api-proof-key')
