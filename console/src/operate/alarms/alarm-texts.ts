/** What each alarm means to an operator, where it leads, and whose it is to clear it. */
import type { Alarm } from '@wikistead/contracts'
import type { Messages } from '@wikistead/components'

interface Rule {
  /** Where one looks. */
  readonly place: 'sync' | 'task' | 'site' | 'host' | 'health' | 'nowhere'
  /** Nothing clears it but an operator who has looked. */
  readonly byHand?: true
}

/** In the order of `docs/operations.md`. */
const rules: Readonly<Record<string, Rule>> = {
  sync_untrusted: { place: 'sync' },
  sync_unreadable: { place: 'sync' },
  sync_failed: { place: 'sync' },
  farm_credentials: { place: 'sync' },
  site_ownerless: { place: 'site' },
  rollback_incomplete: { place: 'task' },
  purge_failed: { place: 'site' },
  suspension_unenforced: { place: 'site' },
  index_failed: { place: 'site' },
  task_stuck: { place: 'task' },
  task_fenced: { place: 'task', byHand: true },
  temporal_replaced: { place: 'nowhere', byHand: true },
  host_away: { place: 'host' },
  audit_changed: { place: 'nowhere', byHand: true },
  part_away: { place: 'health' },
}

export interface AlarmText {
  readonly title: string
  readonly means: string
  readonly clears: string
  /** Cleared by an operator; also one that this console does not know. */
  readonly byHand: boolean
  readonly link: { readonly to: string; readonly text: string } | undefined
}

/** The server's own words where nobody has put a code into the reader's language yet. */
export function alarmText(
  { code, subject, message: said, mend, times, cleared_at: over }: Alarm,
  messages: Messages,
): AlarmText {
  const { message, exists } = messages
  const key = `console-operate-alarm-${code.replace(/_/g, '-')}`
  const known = exists(key)
  const { place, byHand } = rules[code] ?? { place: 'nowhere', byHand: true }
  const to = { ...places(subject), nowhere: undefined }[place]
  return {
    title: known ? titleOf() : code,
    means: known ? message(`${key}-means`) : said,
    clears: known ? message(`${key}-clears`) : mend,
    byHand: byHand === true,
    link: to === undefined ? undefined : { to, text: message(`console-operate-look-at-${place}`) },
  }

  function titleOf(): string {
    if (times === null) return message(key)
    return message(over === null ? key : `${key}-over`, partName(subject.split('@', 1)[0] ?? '', messages))
  }
}

/** A part of the installation in the reader's words; as the server calls it where there are none. */
export function partName(part: string, { message, exists }: Messages): string {
  const key = `console-operate-part-name-${part.replace(/ /g, '-')}`
  return exists(key) ? message(key) : part
}

const places = (subject: string) => ({
  sync: '/operate/sync',
  task: `/tasks/${encodeURIComponent(subject)}`,
  site: `/operate/wikis?${new URLSearchParams({ q: subject }).toString()}`,
  host: '/operate/health',
  health: '/operate/health',
})
