import type {
  SyncFedWikiSitesWorkflowInput,
  SyncFedWikiSitesWorkflowOutput,
} from '@wikistead/contracts/fedwiki-workflows'
import { farm, local } from './fedwiki-activities.ts'
import { currentLife } from './life.ts'
import { failedOutcome, throwIfCancelled } from './outcome.ts'
import { undoAndClose } from './undo.ts'

/** Makes the database agree with what is on the farm, and never on the word of a bad answer. */
export async function SyncFedWikiSitesWorkflow(
  input: SyncFedWikiSitesWorkflowInput,
): Promise<SyncFedWikiSitesWorkflowOutput> {
  const life = currentLife()
  let sitesFound = 0
  try {
    const list = await farm.ListFedWikiSitesActivity({ ...input, ...life })
    sitesFound = list.sitesFound
    const synced = await local.SyncSitesToDBActivity({ ...input, ...life, snapshotId: list.snapshotId })
    return { success: true, sitesFound, ...synced }
  } catch (error) {
    const { message } = await undoAndClose(life, failedOutcome(error), '')
    throwIfCancelled(error)
    return {
      success: false,
      ...{ sitesFound, sitesAdded: 0, sitesRemoved: 0, errorMessage: message },
      syncTimestamp: new Date().toISOString(),
    }
  }
}
