/** The MediaWiki engine's activities: one for each phase, and what takes a wiki away again. */
import { finishRollback, rollbackTask } from '@wikistead/tasks/rollback'
import type { MediaWikiDeps } from './activity-deps.ts'
import { archiveWiki, restoreWiki } from './archive-wiki.ts'
import { changeOwner } from './change-owner.ts'
import { changeSettings } from './change-settings.ts'
import { copyTemplate } from './copy-template.ts'
import { flipBootstrap } from './flip-bootstrap.ts'
import { closeWithoutIndex, indexWiki } from './index-wiki.ts'
import { configureSearchIndex, installWiki } from './install-wiki.ts'
import { makeKeys } from './make-keys.ts'
import { offerFirstSignIn } from './offer-first-sign-in.ts'
import { provisionDatabase } from './provision-database.ts'
import { purgeWiki } from './purge-wiki.ts'
import { renderIni } from './render-ini.ts'
import { undoMediaWikiTask } from './undo-task.ts'

export type MediaWikiActivities = ReturnType<typeof createMediaWikiActivities>

export function createMediaWikiActivities(deps: MediaWikiDeps) {
  const undo = undoMediaWikiTask(deps)
  return {
    CopyTemplateActivity: copyTemplate(deps),
    RenderIniActivity: renderIni(deps),
    ProvisionDatabaseActivity: provisionDatabase(deps),
    MakeOAuthKeysActivity: makeKeys(deps),
    InstallWikiActivity: installWiki(deps),
    ConfigureSearchIndexActivity: configureSearchIndex(deps),
    FlipBootstrapActivity: flipBootstrap(deps),
    IndexWikiActivity: indexWiki(deps),
    CloseWithoutIndexActivity: closeWithoutIndex(deps),
    ChangeOwnerActivity: changeOwner(deps),
    ChangeSettingsActivity: changeSettings(deps),
    ArchiveMediaWikiActivity: archiveWiki(deps),
    RestoreMediaWikiActivity: restoreWiki(deps),
    PurgeMediaWikiActivity: purgeWiki(deps),
    OfferFirstSignInActivity: offerFirstSignIn(deps),
    RollbackMediaWikiTaskActivity: rollbackTask(deps.store, undo),
    FinishMediaWikiRollbackActivity: finishRollback(deps.store, undo),
  }
}
