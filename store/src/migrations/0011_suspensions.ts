/**
 * What operators decided against an owner's will: which wikis nobody is served, why, and which of them do not know yet. In a
 * table of their own: they are few, and MariaDB would write every wiki's row anew for a column more.
 */
import type { StoreMigration, Steps } from './step.ts'

export function suspensions(steps: Steps): StoreMigration {
  const { long, number, serial } = steps.types
  return {
    name: '0011_suspensions',
    steps: [
      steps.table('wikifarm_suspensions', {
        wiki_id: steps.engine === 'mariadb' ? `${serial} primary key` : `${serial} primary key not null`,
        suspended_at: number,
        suspended_by: `${serial} not null`,
        suspension_reason: long,
        suspension_due: number,
      }),
      steps.index('wikifarm_suspensions', 'due', ['suspension_due']),
      steps.column('wikifarm_audit', 'reason', long),
    ],
  }
}
