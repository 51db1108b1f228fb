export {
  ChangeFedWikiSiteWorkflow,
  CreateFedWikiSiteWorkflow,
  DeleteFedWikiSiteWorkflow,
  LiftFedWikiSuspensionWorkflow,
  PurgeFedWikiSiteWorkflow,
  RestoreFedWikiSiteWorkflow,
  SuspendFedWikiSiteWorkflow,
} from './fedwiki-sites.ts'
export { SyncFedWikiSitesWorkflow } from './fedwiki-sync.ts'
export { FinishRollbackWorkflow } from './finish-rollback.ts'
export {
  ChangeMediaWikiWorkflow,
  CreateMediaWikiWorkflow,
  DeleteMediaWikiWorkflow,
  FinishMediaWikiRollbackWorkflow,
  LiftMediaWikiSuspensionWorkflow,
  OfferFirstSignInWorkflow,
  WikiReadersWorkflow,
  PurgeMediaWikiWorkflow,
  ReindexMediaWikiWorkflow,
  RestoreMediaWikiWorkflow,
  SuspendMediaWikiWorkflow,
} from './mediawiki-wikis.ts'
