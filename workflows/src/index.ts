export {
  ChangeFedWikiSiteWorkflow,
  CreateFedWikiSiteWorkflow,
  DeleteFedWikiSiteWorkflow,
  PurgeFedWikiSiteWorkflow,
  RestoreFedWikiSiteWorkflow,
} from './fedwiki-sites.ts'
export { SyncFedWikiSitesWorkflow } from './fedwiki-sync.ts'
export { FinishRollbackWorkflow } from './finish-rollback.ts'
export {
  ChangeMediaWikiWorkflow,
  CreateMediaWikiWorkflow,
  DeleteMediaWikiWorkflow,
  FinishMediaWikiRollbackWorkflow,
  OfferFirstSignInWorkflow,
  PurgeMediaWikiWorkflow,
  RestoreMediaWikiWorkflow,
} from './mediawiki-wikis.ts'
