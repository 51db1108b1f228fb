import { undoing } from './fedwiki-activities.ts'

/** Another try at a rollback that was left incomplete; started by the sweeper under an id of its own. */
export async function FinishRollbackWorkflow(taskId: string): Promise<void> {
  await undoing.FinishRollbackActivity({ taskId })
}
