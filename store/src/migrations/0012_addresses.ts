/** Where it came from: who signed in, what used a token, and what was done. */
import type { StoreMigration, Steps } from './step.ts'

export function addresses(steps: Steps): StoreMigration {
  const { key } = steps.types
  return {
    name: '0012_addresses',
    steps: [
      steps.column('wikifarm_sessions', 'made_from', key),
      steps.column('wikifarm_sessions', 'seen_from', key),
      steps.column('wikifarm_tokens', 'used_from', key),
      // Without one a row of the audit log is sealed as it was before there was this column.
      steps.column('wikifarm_audit', 'address', key),
    ],
  }
}
