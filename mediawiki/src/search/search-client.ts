/** OpenSearch as Wikistead itself signs in there. */
import { tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { Agent, fetch } from 'undici'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { searchEndpoint } from './search-endpoint.ts'

export interface SearchServer {
  /** OPENSEARCH_ENDPOINT. */
  readonly endpoint: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Of an `https://` address: PEM, of the authority of its certificate; the public ones when left out. */
  readonly ca?: string | undefined
}

export interface SearchWork {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole of it; a fault afterwards. */
  readonly deadlineMs?: number | undefined
}

/** Answers undefined where there is no such thing, and for the other answers that are named. */
export type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  nothing?: readonly number[],
) => Promise<unknown>

/** @throws ProvisioningFault when OpenSearch does not answer, or not as it should */
export async function withSearch<T>(
  { endpoint, user, password, ca }: SearchServer,
  { signal, deadlineMs = 50_000 }: SearchWork,
  act: (ask: Ask) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const ending = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const { url: base } = searchEndpoint(endpoint)
  const headers = {
    'content-type': 'application/json',
    ...(user !== undefined && user !== '' && { authorization: basic(user, password ?? '') }),
  }
  return act(async (method, path, body, nothing = []) => {
    signal?.throwIfAborted()
    const agent = new Agent({ connect: { ca } })
    try {
      const answer = await fetch(`${base}${path}`, {
        ...{ method, headers, signal: ending, redirect: 'error', dispatcher: agent },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (answer.status === 404 || nothing.includes(answer.status)) return undefined
      if (!answer.ok) throw answered(answer.status, text)
      return JSON.parse(text) as unknown
    } catch (error) {
      if (error instanceof ProvisioningFault) throw error
      if (signal?.aborted === true) throw signal.reason
      if (deadline.aborted) throw new ProvisioningFault('OpenSearch did not answer in time.', 'deadline')
      if (error instanceof SyntaxError) throw unexpected('answer')
      const tls = tlsFaultIn(error)
      if (tls !== undefined) {
        const { detail, mend } = tlsInWords(tls, searchTls)
        throw new ProvisioningFault(`OpenSearch ${detail}. ${mend}`, `tls: ${tls}`)
      }
      const code = codeOf(error)
      throw new ProvisioningFault(`OpenSearch could not be reached (${code}).`, code)
    } finally {
      await agent.destroy()
    }
  })
}

const searchTls = {
  ...{
    turnedOnBy: '`https://` in opensearch-endpoint',
    caFile: 'opensearch-ca-file',
    host: 'opensearch-endpoint',
  },
}

/** What only time mends has words of its own. */
function answered(status: number, text: string): ProvisioningFault {
  const reason = String(status)
  if (text.includes('cluster_block_exception')) {
    return new ProvisioningFault(
      `OpenSearch takes no writes (${reason}, cluster_block_exception): most often its disk is full.`,
      'write_block',
    )
  }
  if (status === 429) return new ProvisioningFault('OpenSearch has too much to do (429).', reason)
  if (status >= 500) return new ProvisioningFault(`OpenSearch is not ready (${reason}).`, reason)
  return unexpected(reason)
}

export function unexpected(reason: string): ProvisioningFault {
  return new ProvisioningFault(`OpenSearch did not do what it was asked for (${reason}).`, reason)
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** fetch() has its cause's. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'
}
