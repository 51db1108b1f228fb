export { createMediaWikiActivities, type MediaWikiActivities } from './activities.ts'
export type { MediaWikiDeps } from './activity-deps.ts'
export { forgetScriptsOfEnded } from './forget-scripts.ts'
export type { FileOwner } from './command-files.ts'
export type { CommandRunnerOptions } from './command-runner.ts'
export { createDockerRunner, type DockerRunnerOptions } from './docker-runner.ts'
export type { ContainerOptions } from './engine-place.ts'
export { createHostRunner, type HostRunnerOptions } from './host-runner.ts'
export type { PathMapping } from './path-map.ts'
export { createPortainerRunner, type PortainerRunnerOptions } from './portainer-runner.ts'
export { RunnerFault, type RunnerFaultReason } from './runner-fault.ts'
export type {
  OutputLine,
  OutputPosition,
  Runner,
  RunnerCheck,
  RunnerCommand,
  RunnerOptions,
  RunnerResult,
} from './runner.ts'
export { folderResidue } from './claimed-folder.ts'
export { checkDatabaseServer, type DatabaseServerCheck } from './check-database-server.ts'
export { cloneDatabase, type DatabaseClone } from './clone-database.ts'
export { ensureCloneSource, type CloneSource } from './clone-source.ts'
export { databaseResidue, type DatabaseResidue } from './database-residue.ts'
export type { DatabaseServer, DatabaseWork } from './database-server.ts'
export {
  copyDirectory,
  undoDirectoryCopy,
  type CopyProgress,
  type DirectoryCopy,
  type WikiFolder,
} from './directory-copy.ts'
export { founderCommand, founderExit, readFounder, type Founder, type FounderOptions } from './founder.ts'
export { makeOAuthKeys, undoOAuthKeys, type KeyFolder, type OAuthKeys } from './oauth-keys.ts'
export { ProvisioningFault } from './provisioning-fault.ts'
export {
  readDatabasePassword,
  readPubwikiIni,
  removePubwikiIni,
  renderPubwikiIni,
  renewPubwikiValues,
  setBootstrapping,
  type RenderedIni,
} from './pubwiki-file.ts'
export { PubwikiIni, type IniValue } from './pubwiki-ini.ts'
export { pubwikiValues, type FarmValues, type PubwikiInput } from './pubwiki-values.ts'
export {
  dropSearchIndices,
  searchResidue,
  type SearchResidue,
  type SearchServer,
  type SearchWork,
} from './search-residue.ts'
export { prepareSharedCodeCache } from './shared-code-cache.ts'
export { parseSiteName, requireLanguage, type SiteName } from './site-name.ts'
export { databaseName, parseSlug, requireSlug, type SlugRules } from './slug.ts'
export {
  createWikiDatabase,
  undoWikiDatabase,
  type NewWikiDatabase,
  type WikiDatabase,
} from './wiki-database.ts'
