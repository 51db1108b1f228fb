import { CancellationScope, patched } from '@temporalio/workflow'
import {
  mediaWikiSentences,
  type ChangeMediaWikiWorkflowInput,
  type CreateMediaWikiWorkflowInput,
  type CreateMediaWikiWorkflowOutput,
  type MediaWikiTaskInput,
  type MediaWikiTaskOutput,
  type OfferFirstSignInInput,
  type OfferFirstSignInOutput,
  type ReindexWikiInput,
  type WikiReadersInput,
  type WikiReadersOutput,
} from '@wikistead/contracts/mediawiki-workflows'
import { bookkeeping } from './bookkeeping.ts'
import { activitiesOn, answeringOn, indexingOn, undoingOn } from './mediawiki-activities.ts'
import { mediaWikiOutcome, mediaWikiTask, together } from './mediawiki-task.ts'

/** Makes a MediaWiki wiki in seven phases. The keys need nothing of the rest, so they are made beside it. */
export async function CreateMediaWikiWorkflow(
  input: CreateMediaWikiWorkflowInput,
): Promise<CreateMediaWikiWorkflowOutput> {
  const { short, copying, script } = activitiesOn(input)
  return mediaWikiTask(input, async (life) => {
    const of = { ...input, ...life }
    const wikiId = input.resume === 'index' ? undefined : await makeUsable()
    // From here on the wiki is usable, and nothing takes it down: an index that fails or is cancelled is a warning.
    try {
      await indexingOn(input).IndexWikiActivity(of)
      return result(wikiId)
    } catch (error) {
      if (patched(closeNeedsNoHost)) return { ...result(wikiId), ...(await closeUsable(input, life, error)) }
      if (CancellationScope.current().consideredCancelled) throw error
      return { ...result(wikiId), ...(await short.CloseWithoutIndexActivity(of)) }
    }

    async function makeUsable(): Promise<number> {
      await together(
        async () => {
          await copying.CopyTemplateActivity(of)
          await short.RenderIniActivity(of)
          await short.ProvisionDatabaseActivity(of)
        },
        () => short.MakeOAuthKeysActivity(of),
      )
      await script.InstallWikiActivity(of)
      if (input.search === 'cirrus') await script.ConfigureSearchIndexActivity(of)
      return (await script.FlipBootstrapActivity(of)).wikiId
    }
  })
}

/** Since the second edition; before it closing went by way of the wiki's host. */
const closeNeedsNoHost = 'close-needs-no-host'

/** Whoever is away, and whoever cancels it: the task of a usable wiki succeeds, and says what is missing. */
async function closeUsable(
  { supportUrl }: CreateMediaWikiWorkflowInput,
  life: { readonly run: number },
  error: unknown,
): Promise<{ readonly warning: string }> {
  const outcome = mediaWikiOutcome(error)
  await CancellationScope.nonCancellable(() =>
    bookkeeping.CloseTaskActivity({ ...life, ...outcome, supportUrl }),
  )
  return {
    warning:
      outcome.code === 'cancelled' ? mediaWikiSentences.index_cancelled : mediaWikiSentences.index_failed,
  }
}

const result = (wikiId: number | undefined) => (wikiId === undefined ? {} : { wikiId })

/** Changes what a wiki is called, who may read it, what it does, or whose it is. */
export async function ChangeMediaWikiWorkflow(
  input: ChangeMediaWikiWorkflowInput,
): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    const { short, script } = activitiesOn(input)
    const of = { ...input, ...life }
    const { owner, name, visibility, serving } = input
    // An owner whom nobody knows is told of before anything can be seen of the rest.
    if (owner !== undefined) await script.ChangeOwnerActivity(of)
    if ((name ?? visibility ?? serving) !== undefined) await short.ChangeSettingsActivity(of)
    return {}
  })
}

/** Makes a wiki's pages findable again, under the names that no other wiki can have. */
export async function ReindexMediaWikiWorkflow(input: ReindexWikiInput): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await indexingOn(input).IndexWikiActivity({ ...input, ...life })
    return {}
  })
}

/** Takes a wiki out of service: into its undo window, or for good where the farm has none. */
export async function DeleteMediaWikiWorkflow(input: MediaWikiTaskInput): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await activitiesOn(input).script.ArchiveMediaWikiActivity({ ...input, ...life })
    return {}
  })
}

/** Brings a wiki back from its undo window. */
export async function RestoreMediaWikiWorkflow(input: MediaWikiTaskInput): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await activitiesOn(input).short.RestoreMediaWikiActivity({ ...input, ...life })
    return {}
  })
}

/** Removes a wiki for good, and ends only when nothing of it is left. */
export async function PurgeMediaWikiWorkflow(input: MediaWikiTaskInput): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await activitiesOn(input).script.PurgeMediaWikiActivity({ ...input, ...life })
    return {}
  })
}

/** Has nobody served, as an operator decided. */
export async function SuspendMediaWikiWorkflow(input: MediaWikiTaskInput): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await activitiesOn(input).short.SuspendMediaWikiActivity({ ...input, ...life })
    return {}
  })
}

/** Makes a suspended wiki what it was. */
export async function LiftMediaWikiSuspensionWorkflow(
  input: MediaWikiTaskInput,
): Promise<MediaWikiTaskOutput> {
  return mediaWikiTask(input, async (life) => {
    await activitiesOn(input).short.LiftMediaWikiSuspensionActivity({ ...input, ...life })
    return {}
  })
}

/** Another try at a rollback that was left incomplete; started by the sweeper under an id of its own. */
export async function FinishMediaWikiRollbackWorkflow(left: {
  readonly taskId: string
  readonly host: string
}): Promise<void> {
  await undoingOn(left).FinishMediaWikiRollbackActivity({ taskId: left.taskId })
}

/** No task: nothing is to be watched, and nothing to be undone. */
export async function OfferFirstSignInWorkflow(
  input: OfferFirstSignInInput,
): Promise<OfferFirstSignInOutput> {
  return answeringOn(input).OfferFirstSignInActivity(input)
}

/** No task either. */
export async function WikiReadersWorkflow(input: WikiReadersInput): Promise<WikiReadersOutput> {
  return answeringOn(input).WikiReadersActivity(input)
}
