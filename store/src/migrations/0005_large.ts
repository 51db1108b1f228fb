/** What lists and the housekeeping look things up by, in a store that is old and large. */
import type { StoreMigration, Steps } from './step.ts'

export function large(steps: Steps): StoreMigration {
  return {
    name: '0005_large',
    steps: [
      // A page of tasks, by whatever it is filtered.
      steps.index('wikifarm_tasks', 'made', ['created_at', 'task_id']),
      steps.index('wikifarm_tasks', 'status_made', ['status', 'created_at', 'task_id']),
      steps.index('wikifarm_tasks', 'kind_status', ['kind', 'status', 'created_at', 'task_id']),
      steps.index('wikifarm_tasks', 'user_status', ['user_id', 'status', 'created_at', 'task_id']),
      steps.index('wikifarm_tasks', 'user_kind', ['user_id', 'kind', 'created_at', 'task_id']),
      // A page of what members may see, and what a farm said of single sites.
      steps.index('wikifarm_wikis', 'visible', ['visibility', 'wiki_id']),
      steps.index('wikifarm_snapshot_sites', 'gone', ['snapshot_id', 'gone', 'address']),
      // What has been long enough.
      steps.index('wikifarm_tasks', 'ended', ['ended_at', 'task_id']),
      steps.index('wikifarm_alarms', 'cleared', ['cleared_at']),
      steps.index('wikifarm_transfers', 'expires', ['expires_at']),
      steps.index('wikifarm_idempotency', 'made', ['created_at']),
    ],
  }
}
