import type { StoreMigration, Steps } from './step.ts'

export function mediawiki(steps: Steps): StoreMigration {
  const { key, number } = steps.types
  return {
    name: '0002_mediawiki',
    steps: [
      steps.column('wikifarm_wikis', 'language', key),
      steps.column('wikifarm_wikis', 'host', key),
      steps.index('wikifarm_wikis', 'host', ['host', 'claim']),
      steps.table('wikifarm_hosts', {
        host: `${key} not null primary key`,
        capacity: number,
        draining: `${number} not null`,
        seen_at: `${number} not null`,
        created_at: `${number} not null`,
      }),
    ],
  }
}
