/**
 * The founding document's sync, made safe: on the farm only → add; in the database only, or inactive and not put away
 * by us → remove, once the farm confirmed it; both → touch `updated_at`. A removal is a tombstone that keeps the owner.
 */
import type { SyncFedWikiSitesWorkflowOutput } from '@wikistead/contracts'
import type { Scope, SnapshotRow, SnapshotSiteRow, TaskRow } from '@wikistead/store'
import { runStep } from '@wikistead/tasks/step'
import type { FedWikiDeps } from './activity-deps.ts'
import type { SyncInput } from './list-sites.ts'
import { alarmOf, isUntrusted, untrusted, untrustedAlarm } from './sync-trust.ts'

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
        recall: recallResult,
      },
      async () => {
        const snapshot = await store.snapshots.find(input.snapshotId)
        if (snapshot?.complete !== 1) throw new Error(`there is no complete list ${input.snapshotId}`)
        await requireTrust(deps, snapshot)
        const sitesAdded = await addUnclaimed(deps, snapshot, input)
        const removed = await removeGone(deps, snapshot)
        return { sitesAdded, sitesRemoved: removed, syncTimestamp: new Date().toISOString() }
      },
      async (scope, synced, task) => {
        await scope.snapshots.adoptServing(input.snapshotId)
        await scope.snapshots.touch(input.snapshotId, Date.now())
        await scope.alarms.clear(untrustedAlarm.code, untrustedAlarm.subject)
        await scope.alarms.clear('sync_failed', 'fedwiki')
        await scope.snapshots.remove(input.snapshotId)
        await scope.ledger.reach(task.task_id, resultStep, null, { ...synced })
        await scope.ledger.settle(task.task_id, resultStep, 'void')
        return { type: 'status', status: 'succeeded', message: summary(synced) }
      },
    )

    async function recallResult({ task_id: taskId }: TaskRow): Promise<SyncedSites> {
      const line = await store.ledger.get(taskId, resultStep)
      return JSON.parse(line?.detail ?? '{}') as SyncedSites
    }
  }
}

/** Where a sync keeps its result, for an attempt whose answer was lost. */
const resultStep = 'sync_result'

const summary = ({ sitesAdded, sitesRemoved }: SyncedSites): string =>
  `In sync: ${String(sitesAdded)} added, ${String(sitesRemoved)} removed.`

async function requireTrust({ store }: FedWikiDeps, snapshot: SnapshotRow): Promise<void> {
  const { snapshot_id: id, started_at: startedAt, sites: found } = snapshot
  const missing = (await store.snapshots.missing(id, startedAt)).length
  const gap = { found, missing, believed: await store.snapshots.believed(startedAt) }
  const alarm = await store.alarms.find(untrustedAlarm.code, untrustedAlarm.subject)
  if (!isUntrusted(gap, alarm)) return
  await store.alarms.raise(alarmOf(gap))
  throw untrusted(gap)
}

async function addUnclaimed(
  { store }: FedWikiDeps,
  snapshot: SnapshotRow,
  { defaultUserId }: SyncToDbInput,
): Promise<number> {
  let added = 0
  for (let after = ''; ;) {
    const cursor = after
    const batch = await store.transaction(async (scope) => {
      const sites = await scope.snapshots.unclaimed(snapshot, cursor, 200)
      await addSites(scope, sites, defaultUserId)
      return sites
    })
    added += batch.length
    const last = batch.at(-1)
    if (last === undefined) return added
    after = last.address
  }
}

async function addSites(
  scope: Scope,
  sites: readonly SnapshotSiteRow[],
  defaultUserId: number,
): Promise<void> {
  const owners = await scope.users.idsBySubject(sites.flatMap((site) => site.owner_subject ?? []))
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
      ...{ status: 'active', serving: site.serving, purge_after: null },
    })
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
        customDomain: false,
        ownerId,
        ownerSubject: site.owner_subject ?? '',
        ownerName: site.owner_name ?? '',
        taskId: null,
      })),
  )
}

/** Removes what the farm itself confirmed gone, unless a task has taken it up since. */
async function removeGone({ store }: FedWikiDeps, snapshot: SnapshotRow): Promise<number> {
  const { snapshot_id: id, started_at: startedAt } = snapshot
  return store.transaction(async (scope) => {
    const gone = (await scope.snapshots.missing(id, startedAt)).filter((wiki) => wiki.gone === 1)
    for (const wiki of gone) {
      await scope.wikis.release(wiki.wiki_id, wiki.status === 'archived' ? 'deleted' : 'removed')
    }
    return gone.length
  })
}
