export { holderOf, openDataFolder, type DataFolder } from './data-folder.ts'
export { tryLock, type ExclusiveLock } from './exclusive-lock.ts'
export { canHaveOwnNet } from './rooms/own-net.ts'
export { chooseFreePort, isFreePort } from './free-port.ts'
export { giveFolder } from './give-folder.ts'
export { openLineage, type Lineage } from './lineage.ts'
export { removeTree } from './remove-tree.ts'
export {
  canMakeRooms,
  commandAs,
  layOut,
  runAs,
  whatKeepsFrom,
  type RoomOf,
  type User,
} from './rooms/room.ts'
export { SetupError } from './setup-error.ts'
export {
  superviseChild,
  type ChildOptions,
  type ChildState,
  type SupervisedChild,
} from './supervised-child.ts'
export {
  findTemporalCli,
  lookForTemporalCli,
  type TemporalCli,
  type TemporalCliLook,
  type TemporalCliSearch,
} from './temporal-cli.ts'
export {
  startTemporalServer,
  temporalSocket,
  type TemporalServer,
  type TemporalServerOptions,
} from './temporal-server.ts'
