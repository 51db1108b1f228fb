/** The MediaWiki engine's activities: one for each phase, and what takes a wiki away again. */
import { finishRollback, rollbackTask } from '@wikistead/tasks/rollback'
import type { MediaWikiDeps } from './phases/activity-deps.ts'
import { archiveWiki, restoreWiki } from './life/archive-wiki.ts'
import { changeOwner } from './life/change-owner.ts'
import { changeSettings } from './life/change-settings.ts'
import { copyTemplate } from './phases/copy-template.ts'
import { flipBootstrap } from './phases/flip-bootstrap.ts'
import { closeWithoutIndex, indexWiki } from './phases/index-wiki.ts'
import { configureSearchIndex, installWiki } from './phases/install-wiki.ts'
import { makeKeys } from './phases/make-keys.ts'
import { offerFirstSignIn } from './life/offer-first-sign-in.ts'
import { provisionDatabase } from './phases/provision-database.ts'
import { purgeWiki } from './life/purge-wiki.ts'
import { renderIni } from './phases/render-ini.ts'
import { liftSuspension, suspendWiki } from './life/suspend-wiki.ts'
import { wikiReaders } from './life/wiki-readers.ts'
import { undoMediaWikiTask } from './life/undo-task.ts'

export type MediaWikiActivities = ReturnType<typeof createMediaWikiActivities>

export function createMediaWikiActivities(deps: MediaWikiDeps) {
  return {
    CopyTemplateActivity: copyTemplate(deps),
    RenderIniActivity: renderIni(deps),
    ProvisionDatabaseActivity: provisionDatabase(deps),
    MakeOAuthKeysActivity: makeKeys(deps),
    InstallWikiActivity: installWiki(deps),
    ConfigureSearchIndexActivity: configureSearchIndex(deps),
    FlipBootstrapActivity: flipBootstrap(deps),
    ...createMediaWikiIndexActivities(deps),
    CloseWithoutIndexActivity: closeWithoutIndex(deps),
    ChangeOwnerActivity: changeOwner(deps),
    ChangeSettingsActivity: changeSettings(deps),
    ArchiveMediaWikiActivity: archiveWiki(deps),
    RestoreMediaWikiActivity: restoreWiki(deps),
    PurgeMediaWikiActivity: purgeWiki(deps),
    SuspendMediaWikiActivity: suspendWiki(deps),
    LiftMediaWikiSuspensionActivity: liftSuspension(deps),
    OfferFirstSignInActivity: offerFirstSignIn(deps),
    WikiReadersActivity: wikiReaders(deps),
    ...createMediaWikiUndoActivities(deps),
  }
}

/** What makes the pages of a host's wikis findable. */
export function createMediaWikiIndexActivities(deps: MediaWikiDeps) {
  return { IndexWikiActivity: indexWiki(deps) }
}

/** What takes a task of a host back. */
export function createMediaWikiUndoActivities(deps: MediaWikiDeps) {
  const undo = undoMediaWikiTask(deps)
  return {
    RollbackMediaWikiTaskActivity: rollbackTask(deps.store, undo),
    FinishMediaWikiRollbackActivity: finishRollback(deps.store, undo),
  }
}
