/**
 * Members of a hub: which sign-ins began there, and who is invited to read a private wiki. Who reads it is nowhere but in the
 * wiki's own database.
 */
import type { StoreMigration, Steps } from './step.ts'

export function hubMembers(steps: Steps): StoreMigration {
  const { key, number, serial } = steps.types
  return {
    name: '0016_hub_members',
    steps: [
      steps.column('wikifarm_sessions', 'begun_at', key),
      steps.table('wikifarm_read_invitations', {
        invitation_id: `${key} primary key${steps.engine === 'mariadb' ? '' : ' not null'}`,
        wiki_id: `${serial} not null`,
        owner_id: `${serial} not null`,
        secret_hash: `${key} not null`,
        created_at: `${number} not null`,
        expires_at: `${number} not null`,
        made_by: key,
        made_in: key,
      }),
      steps.index('wikifarm_read_invitations', 'secret', ['secret_hash'], { unique: true }),
      steps.index('wikifarm_read_invitations', 'wiki', ['wiki_id']),
    ],
  }
}
