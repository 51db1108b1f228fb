export { openDataFolder, type DataFolder } from './data-folder.ts'
export { chooseFreePort } from './free-port.ts'
export { SetupError } from './setup-error.ts'
export {
  superviseChild,
  type ChildOptions,
  type ChildState,
  type SupervisedChild,
} from './supervised-child.ts'
export { findTemporalCli, type TemporalCli, type TemporalCliSearch } from './temporal-cli.ts'
export { startTemporalServer, type TemporalServer, type TemporalServerOptions } from './temporal-server.ts'
