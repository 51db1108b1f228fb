/** All seals and rows that somebody brings, held against each other and against seals that were written down elsewhere. */
import { beginning, SealCheck, type Finding, type SealKey } from '@wikistead/contracts/audit-seals'
import { anchorText, type Anchor } from './anchors.ts'
import type { Sealed } from './seals-of-api.ts'

export interface CheckedLog {
  readonly check: SealCheck
  readonly findings: readonly (Pick<Finding, 'kind' | 'message'> | { kind: 'anchor'; message: string })[]
  /** The number of the first seal that was looked at. */
  readonly first: number
  /** That of the first that was made with a key. */
  readonly keyed: number | undefined
}

interface Checking {
  readonly keys: readonly SealKey[]
  readonly anchors: readonly Anchor[]
  /** It may begin in the middle of the chain. */
  readonly isPart?: boolean
  readonly onSeal?: (sealed: Sealed) => void
}

export async function checkLog(
  sealed: AsyncIterable<Sealed>,
  { keys, anchors, isPart = false, onSeal }: Checking,
): Promise<CheckedLog> {
  let check: SealCheck | undefined
  let first = 0
  let keyed: number | undefined
  const missing = new Set(anchors)
  for await (const each of sealed) {
    const { seal, rows } = each
    if (check === undefined) {
      first = seal.seal
      const before = { seal: seal.seal - 1, hash: seal.previous, up_to: 0 }
      check = new SealCheck(keys, isPart ? before : beginning)
    }
    check.take(seal, rows)
    if (seal.key_id !== null) keyed ??= seal.seal
    for (const anchor of missing) {
      if (anchor.seal === seal.seal && anchor.hash === seal.hash) missing.delete(anchor)
    }
    onSeal?.(each)
  }
  check ??= new SealCheck(keys)
  const { seal: last } = check.last
  const strange = [...missing].filter(({ seal }) => !isPart || (seal >= first && seal <= last))
  const findings = [
    ...check.finish(),
    ...strange.map((anchor) => ({
      kind: 'anchor' as const,
      message: `Seal ${anchorText(anchor)} was written down, and is not in the chain.`,
    })),
  ]
  return { check, findings, first, keyed }
}
