import type { AuditSeals } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { checkedNote } from '@wikistead/tasks'
import { z } from 'zod'

const time = (ms: number): string => new Date(ms).toISOString()

/** How far the audit log is sealed. */
export async function presentSeals({ audit, auditSeals, settings }: Store): Promise<AuditSeals> {
  const head = await auditSeals.head()
  const { count, since } = await audit.after(head?.up_to ?? 0)
  return {
    head:
      head === undefined
        ? null
        : { ...{ seal: head.seal, hash: head.hash }, at: time(head.at), up_to: head.up_to },
    unsealed: { count, since: since === null ? null : time(since) },
    checked: checkedIn(await settings.get(checkedNote)),
  }
}

const CheckedNote = z.object({ at: z.number(), seal: z.number(), findings: z.number() })

/** What somebody wrote there by hand is no note. */
function checkedIn(note: string | undefined): AuditSeals['checked'] {
  try {
    const { at, seal, findings } = CheckedNote.parse(JSON.parse(note ?? ''))
    return { at: time(at), seal, findings }
  } catch {
    return null
  }
}
