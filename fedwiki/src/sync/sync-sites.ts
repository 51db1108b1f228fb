/**
 * The founding document's sync, made safe: on the farm only → add; in the database only, or inactive and not put away
 * by us → remove, once the farm confirmed it; both → touch `updated_at`. A removal is a tombstone that keeps the owner.
 */
import { Refusal, type SyncFedWikiSitesWorkflowOutput } from '@wikistead/contracts'
import type { LedgerRow, Scope, SnapshotRow, SnapshotSiteRow, TaskRow } from '@wikistead/store'
import { runStep } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import { snapshotIdOf, type SyncInput } from '../farm/list-sites.ts'
import { alarmOf, gapOf, isUntrusted, untrusted, untrustedAlarm } from './sync-trust.ts'

export type SyncedSites = Pick<
  SyncFedWikiSitesWorkflowOutput,
  'sitesAdded' | 'sitesRemoved' | 'syncTimestamp'
>

export type SyncToDbInput = SyncInput & { readonly snapshotId: string }

export function syncSitesToDb(deps: FedWikiDeps) {
  return async (input: SyncToDbInput): Promise<SyncedSites> => {
    const { store } = deps
    return runStep<SyncedSites>(
      deps,
      {
        ...{ run: input.run, phase: 'sync_sites', from: 65, message: 'Comparing with the database.' },
        recall: async ({ task_id: taskId }) => countsOf(await store.ledger.get(taskId, countStep)),
      },
      async ({ task }) => {
        const snapshotId = snapshotIdOf(task.task_id, input.run)
        const snapshot = await store.snapshots.find(snapshotId)
        if (snapshot?.complete !== 1) throw new Error(`there is no complete list ${snapshotId}`)
        await requireTrust(deps, snapshot)
        await addUnclaimed(deps, snapshot, task, input.defaultUserId)
        await removeGone(deps, snapshot, task)
        await store.snapshots.adoptServing(snapshot)
        await store.snapshots.touch(snapshotId, store.now())
        // A confirmation that came too late for this list is kept for the next one.
        if ((await store.snapshots.missing(snapshot)).length === 0) {
          await store.alarms.clear(untrustedAlarm.code, untrustedAlarm.subject)
        }
        const counts = countsOf(await store.ledger.get(task.task_id, countStep))
        return { ...counts, syncTimestamp: new Date().toISOString() }
      },
      async (scope, synced, task) => {
        await scope.alarms.clear('sync_failed', 'fedwiki')
        await scope.snapshots.dismiss(snapshotIdOf(task.task_id, input.run))
        await scope.ledger.note(task.task_id, countStep, { ...synced })
        return { type: 'status', status: 'succeeded', message: summary(synced) }
      },
    )
  }
}

/** What a sync has done so far, written together with it: an attempt that comes later counts on. */
const countStep = 'sync_count'

function countsOf(line: LedgerRow | undefined): SyncedSites {
  const nothing: SyncedSites = { sitesAdded: 0, sitesRemoved: 0, syncTimestamp: '' }
  return { ...nothing, ...(JSON.parse(line?.detail ?? '{}') as Partial<SyncedSites>) }
}

async function count(
  { ledger }: Scope,
  { task_id: taskId }: TaskRow,
  { added = 0, removed = 0 },
): Promise<void> {
  const { sitesAdded, sitesRemoved } = countsOf(await ledger.get(taskId, countStep))
  await ledger.note(taskId, countStep, {
    sitesAdded: sitesAdded + added,
    sitesRemoved: sitesRemoved + removed,
  })
}

const summary = ({ sitesAdded, sitesRemoved }: SyncedSites): string =>
  `In sync: ${String(sitesAdded)} added, ${String(sitesRemoved)} removed.`

async function requireTrust({ store }: FedWikiDeps, snapshot: SnapshotRow): Promise<void> {
  const gap = await gapOf(store, snapshot, await store.snapshots.missing(snapshot))
  const alarm = await store.alarms.find(untrustedAlarm.code, untrustedAlarm.subject)
  if (!isUntrusted(gap, alarm)) return
  await store.alarms.raise(alarmOf(gap))
  throw untrusted(gap)
}

async function addUnclaimed(
  { store, rules, ownerIssuers }: FedWikiDeps,
  snapshot: SnapshotRow,
  task: TaskRow,
  defaultUserId: number,
): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined;) {
    const last: string = after
    after = await store
      .transaction(async (scope) => {
        const { sites, next } = await scope.snapshots.unclaimed(snapshot, last)
        if (sites.length === 0) return next
        await addSites(scope, sites, { defaultUserId, rules, ownerIssuers })
        await count(scope, task, { added: sites.length })
        return next
      })
      .catch((error: unknown) => {
        // A member has just claimed one of these names: what is still unclaimed is asked for again.
        if (error instanceof Refusal && error.code === 'name_taken') return last
        throw error
      })
  }
}

async function addSites(
  scope: Scope,
  sites: readonly SnapshotSiteRow[],
  {
    defaultUserId,
    rules,
    ownerIssuers,
  }: { readonly defaultUserId: number } & Pick<FedWikiDeps, 'rules' | 'ownerIssuers'>,
): Promise<void> {
  const owners = await scope.users.idsBySubject(
    sites.flatMap((site) => site.owner_subject ?? []),
    ownerIssuers,
  )
  const tombstones = await scope.wikis.tombstones(sites.map(({ address }) => address))
  const fresh = sites.map((site) => {
    const former = tombstones.get(site.address)
    // owner.json says who can write; a site that nobody known owns goes back to whoever had it.
    const known = site.owner_subject === null ? undefined : owners.get(site.owner_subject)
    return { site, former, ownerId: known ?? former?.owner_id ?? defaultUserId }
  })
  for (const { site, former, ownerId } of fresh) {
    if (former?.owner_id !== ownerId || former.status !== 'removed') continue
    await scope.wikis.reclaim(former.wiki_id)
    await scope.wikis.change(former.wiki_id, {
      ...{ status: 'active', purge_after: null },
      // Its suspension may be all that the farm's word tells of.
      ...(former.suspended_at === null && { serving: site.serving }),
    })
    await scope.suspensions.tellAgain(former)
  }
  await scope.wikis.insertMany(
    fresh
      .filter(({ former, ownerId }) => former?.owner_id !== ownerId || former.status !== 'removed')
      .map(({ site, ownerId }) => ({
        engine: 'fedwiki',
        address: site.address,
        name: site.address,
        status: 'active',
        serving: site.serving,
        visibility: 'public',
        customDomain: !site.address.endsWith(`.${rules.parentDomain}`),
        ownerId,
        ownerSubject: site.owner_subject ?? '',
        ownerName: site.owner_name ?? '',
        taskId: null,
      })),
  )
}

/** Removes what the farm itself confirmed gone, unless a task has taken it up since. */
async function removeGone({ store }: FedWikiDeps, snapshot: SnapshotRow, task: TaskRow): Promise<void> {
  await store.transaction(async (scope) => {
    const gone = await scope.snapshots.confirmedGone(snapshot)
    let removed = 0
    for (const wiki of gone) {
      const status = wiki.status === 'archived' ? 'deleted' : 'removed'
      if (await scope.wikis.releaseIdle(wiki, status)) removed += 1
    }
    await count(scope, task, { removed })
  })
}
