/** The FedWiki engine's activities, under the founding document's names. */
import { finishRollback, rollbackTask } from '@wikistead/tasks/rollback'
import type { FedWikiDeps } from './activity-deps.ts'
import { changeSite } from './site/change-site.ts'
import { checkQuota } from './site/check-quota.ts'
import { createSite } from './site/create-site.ts'
import { deleteSite, purgeSite } from './site/delete-site.ts'
import { listSites } from './farm/list-sites.ts'
import { restoreSite } from './site/restore-site.ts'
import { liftSiteSuspension, suspendSite } from './site/suspend-site.ts'
import { syncSitesToDb } from './sync/sync-sites.ts'
import { undoFedWikiTask } from './site/undo-site.ts'

export type FedWikiActivities = ReturnType<typeof createFedWikiActivities>

export function createFedWikiActivities(deps: FedWikiDeps) {
  return {
    CheckQuotaActivity: checkQuota(deps),
    CreateFedWikiSiteActivity: createSite(deps),
    DeleteFedWikiSiteActivity: deleteSite(deps),
    PurgeFedWikiSiteActivity: purgeSite(deps),
    RestoreFedWikiSiteActivity: restoreSite(deps),
    ChangeFedWikiSiteActivity: changeSite(deps),
    SuspendFedWikiSiteActivity: suspendSite(deps),
    LiftFedWikiSuspensionActivity: liftSiteSuspension(deps),
    ListFedWikiSitesActivity: listSites(deps),
    SyncSitesToDBActivity: syncSitesToDb(deps),
    ...createFedWikiUndoActivities(deps),
  }
}

/** What takes a task of the farm back. */
export function createFedWikiUndoActivities(deps: FedWikiDeps) {
  const undo = undoFedWikiTask(deps)
  return {
    RollbackFedWikiTaskActivity: rollbackTask(deps.store, undo),
    FinishRollbackActivity: finishRollback(deps.store, undo),
  }
}
