/** How the audit log is sealed, and how seals are checked: by the housekeeping, by the command line, over a copy. */
export { canonical, type Line } from './canonical.ts'
export { SealCheck, type Finding } from './check-seals.ts'
export {
  beginning,
  entriesOf,
  idOf,
  makeSeal,
  sealKey,
  sealKeys,
  type Seal,
  type SealKey,
  type SealPlace,
} from './seal.ts'
