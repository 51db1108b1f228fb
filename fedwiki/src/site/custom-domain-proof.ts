/**
 * Whoever wants a custom domain shows that it is theirs by a TXT record beside it. The token is derived, not stored: it
 * is the same for one user and domain for as long as the secret is, and nobody else's fits.
 */
import { createHmac } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { isPlainDomain, Refusal } from '@wikistead/contracts'

export interface ProofOptions {
  /** Of the control plane; who has it can make up tokens. */
  readonly secret: string
  /** `address` or `address:port` each; the system's own when left out or empty. */
  readonly servers?: readonly string[]
  /** For the whole lookup; 5,000 when left out. */
  readonly timeoutMs?: number
}

/** What the owner of the domain puts into its zone: a TXT record. */
export interface ProofRecord {
  readonly name: string
  readonly value: string
}

/** @throws Refusal `invalid_domain` */
export function proofRecord(domain: string, userId: number, secret: string): ProofRecord {
  const name = `_wikistead.${domain}`
  if (!isPlainDomain(domain) || name.length > 253) {
    throw new Refusal('invalid_domain', 'This domain cannot be proven.', { domain })
  }
  const token = createHmac('sha256', secret).update(`custom domain\n${userId}\n${domain}`).digest('base64url')
  return { name, value: `wikistead-verification=${token}` }
}

/**
 * Resolves when the record is there.
 * @throws Refusal `domain_unproven` (details `record`: name and value), `invalid_domain`; Error when no name server gave
 * an answer, which is worth another try
 */
export async function proveControl(
  domain: string,
  userId: number,
  { secret, servers, timeoutMs = 5_000 }: ProofOptions,
  signal?: AbortSignal,
): Promise<void> {
  const record = proofRecord(domain, userId, secret)
  const values = await readTexts(record.name, servers, timeoutMs, signal)
  if (values.includes(record.value)) return
  throw new Refusal(
    'domain_unproven',
    `Show that ${domain} is yours: add a DNS TXT record named ${record.name} with the value ${record.value}, ` +
      'wait until it is published, and ask again.',
    { record },
  )
}

/** The TXT values of a name; none when the name or the record does not exist. */
async function readTexts(
  name: string,
  servers: readonly string[] | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  signal?.throwIfAborted()
  const tries = 2
  // A new one each time: it must not remember that the record was missing a moment ago.
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / tries), maxTimeout: timeoutMs, tries })
  // An empty list would leave it without any.
  if (servers !== undefined && servers.length > 0) resolver.setServers(servers)
  const cancel = () => resolver.cancel()
  const deadline = setTimeout(cancel, timeoutMs)
  signal?.addEventListener('abort', cancel)
  try {
    const records = await resolver.resolveTxt(name)
    // A long value comes in pieces of 255 octets.
    return records.map((pieces) => pieces.join(''))
  } catch (error) {
    signal?.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw new Error(`The name servers could not say whether ${name} exists (${code}).`, { cause: error })
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', cancel)
  }
}
