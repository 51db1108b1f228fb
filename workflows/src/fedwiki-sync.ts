import type {
  SyncFedWikiSitesWorkflowInput,
  SyncFedWikiSitesWorkflowOutput,
} from '@wikistead/contracts/fedwiki-workflows'
import { farm, local } from './fedwiki-activities.ts'
import { fedWikiTask } from './fedwiki-task.ts'

/** Makes the database agree with what is on the farm, and never on the word of a bad answer. */
export async function SyncFedWikiSitesWorkflow(
  input: SyncFedWikiSitesWorkflowInput,
): Promise<SyncFedWikiSitesWorkflowOutput> {
  let sitesFound = 0
  const ended = await fedWikiTask('', async (life) => {
    const list = await farm.ListFedWikiSitesActivity({ ...input, ...life })
    sitesFound = list.sitesFound
    return local.SyncSitesToDBActivity({ ...input, ...life, snapshotId: list.snapshotId })
  })
  const nothing = { sitesAdded: 0, sitesRemoved: 0, syncTimestamp: new Date().toISOString() }
  return ended.success
    ? { ...nothing, ...ended, sitesFound }
    : { success: false, sitesFound, ...nothing, errorMessage: ended.errorMessage }
}
