import type {
  CreateFedWikiSiteWorkflowInput,
  CreateFedWikiSiteWorkflowOutput,
  DeleteFedWikiSiteWorkflowInput,
  DeleteFedWikiSiteWorkflowOutput,
} from '@wikistead/contracts/fedwiki-workflows'
import type { ChangeSiteInput } from '@wikistead/fedwiki'
import { farm, local } from './fedwiki-activities.ts'
import { fedWikiTask } from './fedwiki-task.ts'

/** Creates a FedWiki site on the farm and records it. */
export async function CreateFedWikiSiteWorkflow(
  input: CreateFedWikiSiteWorkflowInput,
): Promise<CreateFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await local.CheckQuotaActivity({ ...input, ...life })
    return farm.CreateFedWikiSiteActivity({ ...input, ...life })
  })
}

/** Takes a site off the farm: into its undo window, or for good where the farm has none. */
export async function DeleteFedWikiSiteWorkflow(
  input: DeleteFedWikiSiteWorkflowInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.DeleteFedWikiSiteActivity({ ...input, ...life })
    return {}
  })
}

/** Brings a site back from its undo window. */
export async function RestoreFedWikiSiteWorkflow(
  input: DeleteFedWikiSiteWorkflowInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.RestoreFedWikiSiteActivity({ ...input, ...life })
    return {}
  })
}

/** Removes a site for good when its undo window is over. */
export async function PurgeFedWikiSiteWorkflow(
  input: DeleteFedWikiSiteWorkflowInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.PurgeFedWikiSiteActivity({ ...input, ...life })
    return {}
  })
}

/** Has nobody served, as an operator decided. */
export async function SuspendFedWikiSiteWorkflow(
  input: DeleteFedWikiSiteWorkflowInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.SuspendFedWikiSiteActivity({ ...input, ...life })
    return {}
  })
}

/** Makes a suspended site what it was. */
export async function LiftFedWikiSuspensionWorkflow(
  input: DeleteFedWikiSiteWorkflowInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.LiftFedWikiSuspensionActivity({ ...input, ...life })
    return {}
  })
}

/** Changes what a site does for its visitors, or who owns it. */
export async function ChangeFedWikiSiteWorkflow(
  input: ChangeSiteInput,
): Promise<DeleteFedWikiSiteWorkflowOutput> {
  return fedWikiTask(input.supportUrl, async (life) => {
    await farm.ChangeFedWikiSiteActivity({ ...input, ...life })
    return {}
  })
}
