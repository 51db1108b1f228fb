/**
 * A list that lacks many of our sites is more likely a farm in trouble than a farm that was cleared: nothing is
 * removed on its word until an operator has confirmed it, and then no more than was confirmed.
 */
import { Refusal } from '@wikistead/contracts'
import type { AlarmRow, MissingWiki, NewAlarm, SnapshotRow, Store } from '@wikistead/store'

export const untrustedAlarm = { code: 'sync_untrusted', subject: 'fedwiki' } as const

export interface Gap {
  /** Sites that the list had. */
  readonly found: number
  /** Our idle sites that it lacked. */
  readonly missing: number
  /** Sites that we believe to be on the farm. */
  readonly believed: number
  /** The first of those that it lacked, for an operator to look at. */
  readonly sites: readonly string[]
}

/** As many as a person looks through; an alarm is no list. */
const sitesTold = 100

export async function gapOf(
  store: Store,
  snapshot: SnapshotRow,
  missing: readonly MissingWiki[],
): Promise<Gap> {
  return {
    found: snapshot.sites,
    missing: missing.length,
    believed: await store.snapshots.believed(snapshot),
    sites: missing.slice(0, sitesTold).map(({ address }) => address),
  }
}

/** Whether nothing may be removed on this list's word. `alarm` is the open one, with what was confirmed of it. */
export function isUntrusted({ found, missing, believed }: Gap, alarm: AlarmRow | undefined): boolean {
  const suspicious = missing > Math.max(5, believed * 0.2) || (found === 0 && missing > 0)
  if (!suspicious) return false
  const confirmed = alarm?.confirmed ?? null
  return confirmed === null || missing > (JSON.parse(confirmed) as { readonly missing: number }).missing
}

export function alarmOf({ found, missing, believed, sites }: Gap): NewAlarm {
  return {
    ...untrustedAlarm,
    message: `The farm lists ${String(found)} sites; ${String(missing)} of our ${String(believed)} are not among them. Nothing was changed.`,
    mend: 'Look at the farm. If those sites are really gone, run `wikistead sync --confirm`; else the next good list clears this.',
    detail: { missing, sites },
  }
}

export const untrusted = (gap: Gap): Refusal =>
  new Refusal('sync_untrusted', alarmOf(gap).message, {
    ...{ found: gap.found, missing: gap.missing, believed: gap.believed },
  })
