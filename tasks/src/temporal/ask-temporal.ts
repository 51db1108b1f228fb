/**
 * The one way in which requests ask Temporal: within a time, and with Temporal's absence told as what it is. Its client
 * tries a lost call again until the time is over, so what may take long is asked beside a sign of life: whoever asks
 * hears within seconds that nobody is there.
 */
import { NamespaceNotFoundError } from '@temporalio/common'
import type { Client } from '@temporalio/client'
import { Refusal } from '@wikistead/contracts'

/** @throws Refusal `temporal_unavailable`; else what the question throws */
export async function askTemporal<T>(
  client: Client,
  withinMs: number,
  question: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    const answer = client.withDeadline(Date.now() + withinMs, () => question(client))
    if (withinMs <= lifeSignMs) return await answer
    return await Promise.race([answer, lifeSign(client).then(() => answer)])
  } catch (error) {
    throw absence(error) ?? error
  }
}

const lifeSignMs = 3_000

async function lifeSign(client: Client): Promise<void> {
  await client.withDeadline(Date.now() + lifeSignMs, () => client.workflowService.getSystemInfo({}))
}

/** Undefined when Temporal is there, and takes what we ask it. */
function absence(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return undefined
  const why = whyAbsent(error)
  if (why === undefined) return undefined
  const refusal = new Refusal('temporal_unavailable', why)
  // For the log; nobody is told.
  refusal.cause = error
  return refusal
}

function whyAbsent(error: unknown): string | undefined {
  if (error instanceof NamespaceNotFoundError) return refusesUs
  const code = codeOf(error)
  if (code === undefined) return undefined
  if (silent.has(code)) return 'Temporal, which does the work, does not answer. Please try again in a moment.'
  return refusing.has(code) ? refusesUs : undefined
}

const refusesUs =
  'Temporal, which does the work, does not take what we ask of it. An operator must mend that: `wikistead doctor` tells how.'

/** The client wraps what gRPC said in errors of its own. */
function codeOf(error: unknown): number | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'number') return code
  return cause instanceof Error ? codeOf(cause) : undefined
}

/** gRPC's CANCELLED (the connection was closed), DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const silent: ReadonlySet<number> = new Set([1, 4, 8, 14])
/** PERMISSION_DENIED, UNAUTHENTICATED. */
const refusing: ReadonlySet<number> = new Set([7, 16])
