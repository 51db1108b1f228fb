/** Members of a hub: which sign-ins began there. */
import type { StoreMigration, Steps } from './step.ts'

export function hubMembers(steps: Steps): StoreMigration {
  const { key } = steps.types
  return {
    name: '0016_hub_members',
    steps: [steps.column('wikifarm_sessions', 'begun_at', key)],
  }
}
