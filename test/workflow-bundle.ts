import { join } from 'node:path'

/** The bundle that all tests of one state of the sources share. Loaded late: the SDK takes longer than most tests. */
export async function sharedWorkflowBundle(): Promise<string> {
  const { workflowBundle } = await import('@wikistead/worker/workflow-bundle')
  return workflowBundle(join(import.meta.dirname, '../node_modules/.cache/wikistead'))
}
