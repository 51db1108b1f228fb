/** What made a token, a session or an offer: none of them reaches further than that did, or stands longer. */
import type { StoreMigration, Steps } from './step.ts'

export function makers(steps: Steps): StoreMigration {
  const { key, name, serial } = steps.types
  return {
    name: '0008_makers',
    steps: [
      steps.column('wikifarm_tokens', 'made_by', key),
      steps.column('wikifarm_tokens', 'made_in', key),
      steps.column('wikifarm_tokens', 'vouched_by', serial),
      steps.column('wikifarm_sessions', 'made_by', key),
      steps.column('wikifarm_sessions', 'scopes', name),
      steps.column('wikifarm_transfers', 'made_by', key),
      steps.column('wikifarm_transfers', 'made_in', key),
      steps.index('wikifarm_tokens', 'made_by', ['made_by']),
      steps.index('wikifarm_tokens', 'made_in', ['made_in']),
      steps.index('wikifarm_sessions', 'made_by', ['made_by']),
      steps.index('wikifarm_transfers', 'made_by', ['made_by']),
      steps.index('wikifarm_transfers', 'made_in', ['made_in']),
    ],
  }
}
