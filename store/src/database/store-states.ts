/** What is wrong with the store's database, for whoever runs it. */
import { tlsFaultIn, tlsInWords } from '@wikistead/contracts/tls-faults'
import { codesOf } from './store-errors.ts'

export interface StoreState {
  readonly detail: string
  readonly mend: string
}

/** Undefined for what has no words of its own: a mistake of ours, a database that nobody answers at. */
export function describeStoreFault(error: unknown): StoreState | undefined {
  const tls = tlsFaultIn(error)
  if (tls !== undefined)
    return tlsInWords(tls, { turnedOnBy: 'store-tls', caFile: 'store-ca-file', host: 'store-url' })
  const { mariadb, sqlite } = codesOf(error)
  if (mariadb !== undefined) return mariadbStates.find(([numbers]) => numbers.includes(mariadb))?.[1]
  if (sqlite !== undefined) return sqliteStates.find(([numbers]) => numbers.includes(sqlite))?.[1]
  return undefined
}

const readOnly: StoreState = {
  detail: 'takes no writes: it is read-only',
  mend: 'Make it writable (`SET GLOBAL read_only = 0`) if it is the primary, or let store-url name the one that is.',
}

const noRoom: StoreState = {
  detail: 'has no room: its disk is full',
  mend: 'Make room on the disk of the database.',
}

const noPlace: StoreState = {
  detail: 'gives no more connections',
  mend: 'Raise max_connections, or the limits of the user, or set a smaller store-pool-size.',
}

const mariadbStates: readonly (readonly [readonly number[], StoreState])[] = [
  [[1290, 1792, 1836, 1036], readOnly],
  [
    [1047],
    {
      detail: 'is a node that is not of its Galera cluster for now (wsrep is not ready)',
      mend: 'Bring the majority of the cluster back, or let store-url name a node that is of it.',
    },
  ],
  [[1053], { detail: 'is shutting down', mend: 'Start it again, or let store-url name another.' }],
  [[1114, 1021, 1026], noRoom],
  [[1040, 1203, 1226], noPlace],
  [[1135, 1037, 1041], { detail: 'has no memory or threads left', mend: 'Give its machine more.' }],
  [
    [1044, 1045, 1698],
    {
      detail: 'does not let this user in',
      mend: 'Mend the user in store-url and store-password, and the rights of that user on the database.',
    },
  ],
  [[1049], { detail: 'has no such database', mend: 'Make it (`CREATE DATABASE`), or mend store-url.' }],
]

const sqliteStates: readonly (readonly [readonly number[], StoreState])[] = [
  [
    [8],
    {
      detail: 'takes no writes: the file or its folder is read-only',
      mend: 'Let the user that Wikistead runs as write to the file and its folder, and look whether the disk is mounted read-only.',
    },
  ],
  [[13], { detail: 'has no room: the disk is full', mend: 'Make room on the disk that the file is on.' }],
  [
    [10],
    {
      detail: 'cannot be read or written: the disk fails',
      mend: 'Look at the disk and its free room, and into the log of the system.',
    },
  ],
  [
    [14],
    { detail: 'cannot be opened', mend: 'Let the user that Wikistead runs as open the file and its folder.' },
  ],
]
