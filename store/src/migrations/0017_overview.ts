/** What an operator looks back on: how often a part was away in one incident, and how the farm has grown. */
import type { StoreMigration, Steps } from './step.ts'

export function overview(steps: Steps): StoreMigration {
  const { key, number } = steps.types
  return {
    name: '0017_overview',
    steps: [
      steps.column('wikifarm_alarms', 'times', number),
      steps.table(
        'wikifarm_samples',
        { sample: `${key} not null`, at: `${number} not null`, value: `${number} not null` },
        ['sample', 'at'],
      ),
    ],
  }
}
