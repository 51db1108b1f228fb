export {
  createMediaWikiActivities,
  createMediaWikiIndexActivities,
  createMediaWikiUndoActivities,
  type MediaWikiActivities,
} from './activities.ts'
export type { MediaWikiDeps, RedisDeps, SearchDeps } from './phases/activity-deps.ts'
export { forgetScriptsOfEnded } from './life/forget-scripts.ts'
export {
  renewPasswordsOfHost,
  type PasswordWish,
  type RenewedPasswords,
} from './life/renew-passwords-of-host.ts'
export { narrowRightsOfHost } from './life/narrow-rights-of-host.ts'
export { phpUserOf, phpUserOfNew, type FileOwner, type PhpUsers } from './folder/php-users.ts'
export { giveWikiTo } from './life/give-wiki-to.ts'
export { hasRedisUsers, renewRedisUsersOfHost } from './life/redis-users-of-host.ts'
export { giveSearchUsersToHost } from './life/search-users-of-host.ts'
export type { CommandRunnerOptions } from './runners/command-runner.ts'
export { createDockerRunner, type DockerRunnerOptions } from './runners/docker-runner.ts'
export type { ContainerOptions } from './runners/engine-place.ts'
export { createHostRunner, type HostRunnerOptions } from './runners/host-runner.ts'
export type { PathMapping } from './runners/path-map.ts'
export { createPortainerRunner, type PortainerRunnerOptions } from './runners/portainer-runner.ts'
export { RunnerFault, type RunnerFaultReason } from './faults/runner-fault.ts'
export type {
  OutputLine,
  OutputPosition,
  Runner,
  RunnerCheck,
  RunnerCommand,
  RunnerOptions,
  RunnerResult,
} from './runners/runner.ts'
export { folderResidue } from './folder/claimed-folder.ts'
export { checkDatabaseServer, type DatabaseServerCheck } from './database/check-database-server.ts'
export { cloneDatabase, type DatabaseClone } from './database/clone-database.ts'
export { ensureCloneSource, type CloneSource } from './database/clone-source.ts'
export { databaseResidue, type DatabaseResidue } from './database/database-residue.ts'
export { databaseVersion, type DatabaseServer, type DatabaseWork } from './database/database-server.ts'
export {
  copyDirectory,
  undoDirectoryCopy,
  type CopyProgress,
  type DirectoryCopy,
  type WikiFolder,
} from './folder/directory-copy.ts'
export {
  founderCommand,
  founderExit,
  readFounder,
  type Founder,
  type FounderOptions,
} from './phases/founder.ts'
export { makeOAuthKeys, undoOAuthKeys, type KeyFolder, type OAuthKeys } from './folder/oauth-keys.ts'
export { ProvisioningFault } from './faults/provisioning-fault.ts'
export {
  readDatabasePassword,
  readPubwikiIni,
  removePubwikiIni,
  renderPubwikiIni,
  readIniValues,
  renewPubwikiValues,
  setBootstrapping,
  type RenderedIni,
} from './ini/pubwiki-file.ts'
export { PubwikiIni, type IniValue } from './ini/pubwiki-ini.ts'
export { pubwikiValues, type FarmValues, type PubwikiInput } from './ini/pubwiki-values.ts'
export { dropSearchIndices, searchResidue, type SearchResidue } from './search/search-residue.ts'
export { searchEndpoint } from './search/search-endpoint.ts'
export { canMakeSearchUsers } from './search/search-user.ts'
export type { SearchServer, SearchWork } from './search/search-client.ts'
export { checkRedisOfWikis, type RedisCheck } from './redis/check-redis.ts'
export { prepareSharedCodeCache } from './runners/shared-code-cache.ts'
export { parseSiteName, requireLanguage, type SiteName } from './names/site-name.ts'
export { databaseName, parseSlug, requireSlug, type SlugRules } from './names/slug.ts'
export {
  createWikiDatabase,
  undoWikiDatabase,
  type NewWikiDatabase,
  type WikiDatabase,
} from './database/wiki-database.ts'
