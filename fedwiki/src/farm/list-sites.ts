/**
 * Takes the farm's list into the store: activities pass a reference, for a list of thousands does not fit into a
 * workflow's history. What the list lacks is asked for one by one, so that a site is gone only on its own word.
 */
import { Context } from '@temporalio/activity'
import { Refusal, type SyncFedWikiSitesWorkflowInput } from '@wikistead/contracts'
import type { SnapshotSite, WikiRow } from '@wikistead/store'
import { admitSync, storedDefaultUser, type SyncRequest } from '@wikistead/tasks'
import { runStep, type Life, type Step } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import { FarmFault } from './farm-error.ts'
import type { Site } from './farm-manager-answers.ts'
import { gapOf, isUntrusted, untrustedAlarm } from '../sync/sync-trust.ts'

export type SyncInput = SyncFedWikiSitesWorkflowInput & Life

export interface ListedSites {
  /** Of the stored list. */
  readonly snapshotId: string
  readonly sitesFound: number
}

/** Of the list that is read in one life of a sync. */
export const snapshotIdOf = (taskId: string, run: number): string => `${taskId}/${String(run)}`

export function listSites(deps: FedWikiDeps) {
  return async (input: SyncInput): Promise<ListedSites> => {
    const { store } = deps
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    // A scheduled sync was asked for by nobody: its row is made here.
    const defaultUserId = (await storedDefaultUser(store)) ?? input.defaultUserId
    await admit(deps, { taskId, defaultUserId })
    const snapshotId = snapshotIdOf(taskId, input.run)
    return runStep<ListedSites>(
      deps,
      {
        run: input.run,
        phase: 'list_sites',
        from: 5,
        message: 'Asking the farm for its sites.',
        recall: async () => ({
          snapshotId,
          sitesFound: (await store.snapshots.find(snapshotId))?.sites ?? 0,
        }),
      },
      (step) => takeList(deps, snapshotId, step),
      (_scope, { sitesFound }) =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 60, phase: 'list_sites' },
          message: `The farm has ${String(sitesFound)} sites.`,
        }),
    )
  }
}

/** A sync that may not be has no task to tell of it. @throws Refusal `sync_running`, `user_not_found` */
async function admit({ store, log }: FedWikiDeps, request: SyncRequest): Promise<void> {
  try {
    await admitSync(store, request)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    log.warn({ err: error, task_id: request.taskId }, 'a sync was refused')
    // Another one that runs does the same work.
    if (error.code !== 'sync_running') {
      await store.alarms.raise({
        ...{ code: 'sync_failed', subject: 'fedwiki' },
        message: `A sync was refused (${error.code}): ${error.message}`,
        mend: 'Set fedwiki-sync-default-user-id to a user that there is; the next sync that succeeds clears this.',
      })
    }
    throw error
  }
}

async function takeList(deps: FedWikiDeps, snapshotId: string, { signal }: Step): Promise<ListedSites> {
  const { farm, store } = deps
  await store.snapshots.begin(snapshotId, store.now())
  const ownerless = new Set<string>()
  const owned = new Set<string>()
  try {
    const { sites, skipped } = await farm.listSites(async (batch) => {
      for (const site of batch) {
        if (site.ownerless) ownerless.add(site.domain)
        else owned.add(site.domain)
      }
      await store.transaction((scope) => scope.snapshots.add(snapshotId, batch.map(snapshotSite)))
    }, signal)
    await store.snapshots.complete(snapshotId, sites, skipped.reserved + skipped.notADomain)
    await store.alarms.clear('sync_unreadable', 'fedwiki')
    await store.alarms.clear('farm_credentials', 'fedwiki')
    await tellOwnerless(deps, ownerless, owned)
    await confirmMissing(deps, snapshotId, signal)
    return { snapshotId, sitesFound: sites }
  } catch (error) {
    // The farm answered, but no list: that is for an operator to know before the last attempt is spent.
    if (error instanceof FarmFault && error.status === 200) {
      await store.alarms.raise({
        ...{ code: 'sync_unreadable', subject: 'fedwiki' },
        message: `${error.message} Nothing was changed.`,
        mend: 'Look at the farm and what stands before it; the next whole list clears this.',
      })
    }
    throw error
  }
}

/** Asks for each missing site by itself; a list that cannot be trusted is not worth the questions. */
async function confirmMissing(
  { farm, store }: FedWikiDeps,
  snapshotId: string,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await store.snapshots.get(snapshotId)
  const alarm = await store.alarms.find(untrustedAlarm.code, untrustedAlarm.subject)
  const missing = await store.snapshots.missing(snapshot)
  if (isUntrusted(await gapOf(store, snapshot, missing), alarm)) return
  for (let from = 0; from < missing.length; from += questionsAtOnce) {
    const asked = await Promise.all(
      missing.slice(from, from + questionsAtOnce).map(async (wiki) => ({
        wiki: await store.wikis.get(wiki.wiki_id),
        site: await farm.getSite(wiki.address, signal),
      })),
    )
    await store.transaction(async (scope) => {
      for (const { wiki, site } of asked) {
        if (site === undefined || wasPutAway(site, wiki)) {
          await scope.snapshots.confirmGone(snapshotId, wiki.address)
        } else {
          await scope.snapshots.correct(snapshotId, snapshotSite(site))
        }
      }
    })
  }
}

/** To the farm, which goes on serving meanwhile. */
const questionsAtOnce = 8

/** By others: what we put away ourselves is where we left it. */
const wasPutAway = (site: Site, wiki: WikiRow): boolean =>
  site.serving === 'archived' &&
  wiki.status === 'active' &&
  wiki.serving !== 'archived' &&
  // Suspended, which a farm without our security package shows so.
  wiki.suspended_by === null

/** A site without an owner is an incident, unless one of our own tasks is making it just now. */
async function tellOwnerless(
  { store }: FedWikiDeps,
  ownerless: ReadonlySet<string>,
  owned: ReadonlySet<string>,
): Promise<void> {
  for (const { subject, detail } of await store.alarms.open('site_ownerless')) {
    // A task may have raised it for a folder that the farm does not list; only a task can clear that.
    const { listed = false } = JSON.parse(detail) as { readonly listed?: boolean }
    if (owned.has(subject) || (listed && !ownerless.has(subject))) {
      await store.alarms.clear('site_ownerless', subject)
    }
  }
  for (const domain of ownerless) {
    const wiki = await store.wikis.byClaim('fedwiki', domain)
    if (wiki !== undefined && wiki.task_id !== null) continue
    await store.alarms.raise({
      ...{ code: 'site_ownerless', subject: domain, message: `${domain} has no owner.` },
      mend: `Give ${domain} an owner (transfer it), or delete it; the next sync clears this.`,
      detail: { listed: true },
    })
  }
}

const snapshotSite = ({ domain, serving, owner, ownerless }: Site): SnapshotSite => ({
  address: domain,
  serving,
  ownerSubject: owner.sub ?? null,
  ownerName: ownerless ? null : owner.name,
})
