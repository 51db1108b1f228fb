import type { StoreMigration, Steps } from './step.ts'

export function lanes(steps: Steps): StoreMigration {
  const { key, number } = steps.types
  return {
    name: '0006_lanes',
    steps: [
      steps.column('wikifarm_tasks', 'lane', key),
      steps.column('wikifarm_tasks', 'host', key),
      steps.column('wikifarm_tasks', 'turn', number),
      steps.column('wikifarm_tasks', 'told_place', number),
      steps.column('wikifarm_tasks', 'dispatched_at', number),
      steps.column('wikifarm_tasks', 'left_at', number),
      steps.index('wikifarm_tasks', 'line', ['lane', 'host', 'left_at']),
      steps.column('wikifarm_hosts', 'creations', number),
    ],
  }
}
