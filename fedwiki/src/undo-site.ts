/** Taking back on the farm what a task's ledger says it may have done there: only what it made, never what it found. */
import { Context } from '@temporalio/activity'
import type { LedgerRow, TaskRow, WikiRow } from '@wikistead/store'
import type { FedWikiDeps } from './activity-deps.ts'
import { changeStep } from './change-site.ts'
import { createStep } from './create-site.ts'
import { purgeStep } from './delete-site.ts'
import { ownerJson, type SiteOwner } from './owner.ts'
import { siteUnknown } from './site-unknown.ts'

/** What the farm turned out to hold of the task's site once the task was undone. */
export type Undone = 'as_before' | 'gone'

/** @throws FarmFault while the farm is away; Refusal `site_ownerless` when it cannot be known whose the site is */
export async function undoSite(deps: FedWikiDeps, task: TaskRow): Promise<Undone> {
  let undone: Undone = 'as_before'
  const wiki = task.wiki_id === null ? undefined : await deps.store.wikis.find(task.wiki_id)
  if (wiki === undefined) return undone
  for (const line of await deps.store.ledger.open(task.task_id)) {
    switch (line.step) {
      case createStep:
        await removeCreated(deps, line, wiki)
        break
      case purgeStep:
        undone = await lookFor(deps, wiki)
        break
      default:
        undone = await putBack(deps, line, wiki)
    }
  }
  return undone
}

async function removeCreated({ farm, store }: FedWikiDeps, line: LedgerRow, wiki: WikiRow): Promise<void> {
  const signal = Context.current().cancellationSignal
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
async function lookFor({ farm }: FedWikiDeps, wiki: WikiRow): Promise<Undone> {
  const site = await farm.getSite(wiki.address, Context.current().cancellationSignal)
  return site === undefined ? 'gone' : 'as_before'
}

/** The site serves and belongs as it did before: its row still says how, the ledger's line whose it was. */
async function putBack({ farm }: FedWikiDeps, line: LedgerRow, wiki: WikiRow): Promise<Undone> {
  const signal = Context.current().cancellationSignal
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
