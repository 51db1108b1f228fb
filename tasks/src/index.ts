export {
  admitChange,
  admitChangeMediaWiki,
  admitCreate,
  admitDelete,
  admitRestore,
  type Admission,
  type Admitted,
  type Idempotency,
  type SiteChange,
  type WikiTask,
} from './admission/admission.ts'
export { acceptTransfer, transferEnded } from './admission/accept-transfer.ts'
export { admitCreateMediaWiki, type CreateMediaWikiRequest } from './admission/admit-mediawiki.ts'
export { admitSync, storedDefaultUser, type SyncRequest } from './admission/admit-sync.ts'
export { admitSuspension, type Decided, type SuspensionRequest } from './admission/admit-suspension.ts'
export { admitReindex } from './admission/admit-reindex.ts'
export { refuseSuspended } from './admission/refuse-suspended.ts'
export { enforceSuspensions } from './housekeeping/enforce-suspensions.ts'
export { AlarmLog } from './housekeeping/alarm-log.ts'
export { AuditKeeper, type AuditKeeping } from './housekeeping/audit-keeper.ts'
export { checkedNote } from './housekeeping/check-audit.ts'
export { makeFirstSignInLink, type FirstSignInLink } from './admission/first-sign-in.ts'
export { askReaders, requireReadersKept } from './admission/wiki-readers.ts'
export { askForNextProof, type ProveControl } from './housekeeping/domain-proofs.ts'
export { watchHosts } from './housekeeping/host-watch.ts'
export { keepSamples } from './housekeeping/keep-samples.ts'
export { tellOfKilled, watchInstances } from './housekeeping/instance-watch.ts'
export { watchNamespace } from './housekeeping/namespace-watch.ts'
export { reconcile, type Reconciled, type ReconcilerDeps } from './housekeeping/reconciler.ts'
export { letGoOfTheOld, type Keep } from './housekeeping/retention.ts'
export { rescue } from './housekeeping/rescue.ts'
export { ScheduleManager, type ScheduleConfig, type ScheduleInfo } from './temporal/schedule-manager.ts'
export { sweep, type SweeperDeps } from './housekeeping/sweeper.ts'
export { SyncControl, type SyncSettings } from './admission/sync-control.ts'
export { takeUpTexts } from './housekeeping/take-up-texts.ts'
export { cancelTask, retryTask, type TaskControlDeps } from './admission/task-control.ts'
export { newTaskId } from './temporal/task-id.ts'
export { placeInLine } from './turns/place-in-line.ts'
export { takeTurn, usualLimits, type LaneLimits } from './turns/take-turn.ts'
export { Dispatcher, type DispatcherDeps } from './housekeeping/dispatcher.ts'
export { hasHadItsTurn, WorkflowRuns } from './temporal/workflow-runs.ts'
