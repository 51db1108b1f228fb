/** Some seals and what is in the audit log now where their rows should be: all that a check needs, and an export. */
import { entriesOf, idOf, type Line, type Seal } from '@wikistead/contracts/audit-seals'
import type { Audit } from './audit.ts'
import type { AuditSeals } from './audit-seals.ts'

export interface SealedRows {
  readonly seal: Seal
  /** Those with ids from the seal before up to this one's, and those below that it names. */
  readonly rows: readonly Line[]
}

export interface Wanted {
  /** The number of the last seal that is not wanted any more. */
  readonly after: number
  readonly mostSeals: number
  /** Fewer seals where they have more rows, but one at least. */
  readonly mostRows: number
}

/** What somebody put between is read, too, but not without end. */
const mostBetween = 1_000

export async function sealedRows(
  { audit, auditSeals }: { readonly audit: Audit; readonly auditSeals: AuditSeals },
  { after, mostSeals, mostRows }: Wanted,
): Promise<SealedRows[]> {
  const before = after === 0 ? undefined : await auditSeals.atOrBefore(after)
  const seals = untilRows(await auditSeals.list({ after, limit: mostSeals }), mostRows)
  if (seals.length === 0) return []
  const from = before?.up_to ?? 0
  const upTo = Math.max(...seals.map((seal) => seal.up_to))
  const named = seals.map((seal) => [...entriesOf(seal).keys()])
  const rows = await audit.between(from, upTo, named.flat().length + mostBetween)
  const late = await audit.withIds(named.flat().filter((id) => id <= from))
  const byId = new Map([...rows, ...late].map((row) => [idOf(row), row]))
  let gone = from
  return seals.map((seal, at) => {
    const ids = new Set(named[at])
    for (const id of byId.keys()) if (id > gone && id <= seal.up_to) ids.add(id)
    if (at === 0 && from === 0) for (const id of byId.keys()) if (id <= 0) ids.add(id)
    gone = Math.max(gone, seal.up_to)
    const found = [...ids].toSorted((a, b) => a - b).map((id) => byId.get(id))
    return { seal, rows: found.filter((row) => row !== undefined) }
  })
}

function untilRows(seals: readonly Seal[], most: number): readonly Seal[] {
  let rows = 0
  const enough = seals.findIndex((seal) => (rows += seal.row_count) > most)
  return enough === -1 ? seals : seals.slice(0, Math.max(1, enough))
}
