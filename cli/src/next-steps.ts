import type { Problem } from '@wikistead/contracts'

/** What the person at the terminal can do about a refusal; undefined when the refusal says it itself. */
export function nextStep(
  { code, details = {}, task_id: taskId }: Problem,
  tokenFrom: string,
): string | undefined {
  switch (code) {
    case 'unauthenticated':
      return `The token: ${tokenFrom}. Name another with --token-file or WIKISTEAD_TOKEN.`
    case 'busy': {
      const busyWith = taskId ?? details['task_id']
      return typeof busyWith === 'string' ? `Watch it with: wikistead watch ${busyWith}` : undefined
    }
    case 'name_taken': {
      const { restorable_wiki_id: id } = details
      return typeof id === 'number' ? `Bring it back with: wikistead restore ${String(id)}` : undefined
    }
    case 'sync_running':
      return 'See it with: wikistead sync'
    case 'schedule_not_found':
      return 'Sync once, without a schedule, with: wikistead sync --now'
    case 'quota_reached':
      return 'See yours with: wikistead list --mine'
    default:
      return undefined
  }
}
