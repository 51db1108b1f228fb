/** Taking back on the farm what a task's ledger says it may have done there: only what it made, never what it found. */
import type { LedgerRow, WikiRow } from '@wikistead/store'
import type { Found, Undo } from '@wikistead/tasks/rollback'
import type { FedWikiDeps } from '../activity-deps.ts'
import { changeStep } from './change-site.ts'
import { createStep } from './create-site.ts'
import { purgeStep } from './delete-site.ts'
import { ownerJson, type SiteOwner } from './owner.ts'
import { siteUnknown } from '../farm/site-unknown.ts'

/** Throws FarmFault while the farm is away; Refusal `site_ownerless` when it cannot be known whose the site is. */
export function undoFedWikiTask(deps: FedWikiDeps): Undo {
  return async (task, signal) => {
    let found: Found = 'as_before'
    const wiki = task.wiki_id === null ? undefined : await deps.store.wikis.find(task.wiki_id)
    if (wiki === undefined) return found
    for (const line of await deps.store.ledger.open(task.task_id)) {
      switch (line.step) {
        case createStep:
          await removeCreated(deps, line, wiki, signal)
          break
        case purgeStep:
          found = await lookFor(deps, wiki, signal)
          break
        default:
          found = await putBack(deps, line, wiki, signal)
      }
    }
    return found
  }
}

async function removeCreated(
  { farm, store }: FedWikiDeps,
  line: LedgerRow,
  wiki: WikiRow,
  signal: AbortSignal,
): Promise<void> {
  const site = await farm.getSite(wiki.address, signal)
  if (site === undefined) return
  const { owner_id: ownerId } = JSON.parse(line.detail) as { readonly owner_id: string }
  if (site.owner.sub === ownerId || (site.ownerless && site.pages === 0)) {
    await farm.removeSite(wiki.address, signal)
  } else if (site.ownerless) {
    throw await siteUnknown(store, wiki.address)
  }
}

/** What was removed for good cannot be put back; but then it must not be said to be there. */
async function lookFor({ farm }: FedWikiDeps, wiki: WikiRow, signal: AbortSignal): Promise<Found> {
  const site = await farm.getSite(wiki.address, signal)
  return site === undefined ? 'gone' : 'as_before'
}

/** The site serves and belongs as it did before: its row still says how, the ledger's line whose it was. */
async function putBack(
  { farm }: FedWikiDeps,
  line: LedgerRow,
  wiki: WikiRow,
  signal: AbortSignal,
): Promise<Found> {
  if (line.step === changeStep) {
    const { former } = JSON.parse(line.detail) as { readonly former?: SiteOwner }
    // A site that nobody owned stays with its new owner: an owner cannot be taken away.
    if (former?.sub !== undefined) {
      await farm.replaceOwner(wiki.address, ownerJson(former.name, former.sub), signal)
    }
  }
  const serving = wiki.status === 'restoring' ? 'archived' : wiki.serving
  const site = await farm.setServing(wiki.address, serving, signal)
  return site === undefined ? 'gone' : 'as_before'
}
