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
} from './admission.ts'
export { acceptTransfer, transferEnded } from './accept-transfer.ts'
export { admitCreateMediaWiki, type CreateMediaWikiRequest } from './admit-mediawiki.ts'
export { admitSync, type SyncRequest } from './admit-sync.ts'
export { AlarmLog } from './alarm-log.ts'
export { makeFirstSignInLink, type FirstSignInLink } from './first-sign-in.ts'
export { watchHosts } from './host-watch.ts'
export { watchNamespace } from './namespace-watch.ts'
export { reconcile, type Reconciled, type ReconcilerDeps } from './reconciler.ts'
export { letGoOfTheOld, type Keep } from './retention.ts'
export { rescue } from './rescue.ts'
export { ScheduleManager, type ScheduleConfig, type ScheduleInfo } from './schedule-manager.ts'
export { sweep, type SweeperDeps } from './sweeper.ts'
export { SyncControl, type SyncSettings } from './sync-control.ts'
export { takeUpTexts } from './take-up-texts.ts'
export { cancelTask, retryTask, type TaskControlDeps } from './task-control.ts'
export { newTaskId } from './task-id.ts'
export { placeInLine } from './place-in-line.ts'
export { takeTurn, usualLimits, type LaneLimits } from './take-turn.ts'
export { Dispatcher, type DispatcherDeps } from './dispatcher.ts'
export { hasHadItsTurn, WorkflowRuns } from './workflow-runs.ts'
