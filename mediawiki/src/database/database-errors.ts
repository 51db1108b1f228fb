/**
 * What MariaDB said, as a refusal or a fault. Its own text may quote a statement with a password in it, so nothing of
 * it passes but its number.
 */
import { Refusal } from '@wikistead/contracts'
import { tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

/**
 * @param whose the rights that the statement had
 * @returns what to throw for an error of the driver; an error that is not the driver's stays as it is
 */
export function databaseError(error: unknown, whose: 'administrator' | 'wiki' = 'administrator'): unknown {
  if (error instanceof Refusal || error instanceof ProvisioningFault || !(error instanceof Error))
    return error
  const tls = tlsFaultIn(error)
  if (tls !== undefined) {
    const { detail, mend } = tlsInWords(tls, databaseTls)
    return new ProvisioningFault(`MariaDB ${detail}. ${mend}`, `tls: ${tls}`)
  }
  const number = errnoOf(error)
  if (number !== undefined && missingRights.has(number)) {
    return new Refusal(
      'database_rights_missing',
      whose === 'administrator'
        ? `MariaDB does not let the user of WIKI_DB_ADMIN_USER do this (error ${String(number)}).`
        : `MariaDB does not let the wiki’s own user do this (error ${String(number)}). An operator gives it the password of the wiki’s pubwiki.ini again.`,
      { errno: number },
    )
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined && number === undefined) return error
  const reason = number !== undefined && number > 0 ? String(number) : (code ?? 'unknown')
  // The first of them is said of whatever option is in the way.
  const isOther = number === errno.optionPrevents && !/read.only/.test(error.message)
  const state = number === undefined || isOther ? undefined : states.get(number)
  return new ProvisioningFault(
    state === undefined
      ? `MariaDB could not be reached or did not do its work (${reason}).`
      : `MariaDB ${state} (${reason}).`,
    reason,
  )
}

/** What a server says of itself, and not of what it was asked. It may be another by the next try. */
const states: ReadonlyMap<number, string> = new Map([
  ...[1290, 1792, 1836, 1036].map((number) => [number, 'takes no writes: it is read-only'] as const),
  [1047, 'is a node that is not of its Galera cluster for now'],
  [1053, 'is shutting down'],
  ...[1114, 1021, 1026].map((number) => [number, 'has no room: its disk is full'] as const),
  ...[1040, 1203, 1226].map((number) => [number, 'gives no more connections'] as const),
])

const databaseTls = { turnedOnBy: 'wiki-db-tls', caFile: 'wiki-db-ca-file', host: 'wiki-db-host' }

/** MariaDB's number of the error. */
export function errnoOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined
}

/** The numbers that make a difference here. */
export const errno = {
  databaseExists: 1007,
  unknownDatabase: 1049,
  noSuchTable: 1146,
  /** Also when the account exists, or is a role. */
  cannotUser: 1396,
  optionPrevents: 1290,
  noSuchThread: 1094,
  notOwnerOfThread: 1095,
} as const

/** Access denied: to a database, at all, a table, GRANT, an administrator's command. */
export const missingRights: ReadonlySet<number> = new Set([1044, 1045, 1142, 1143, 1227, 1410, 1698])
