import type { Config } from '@wikistead/config'
import { SetupError } from '@wikistead/processes/setup-error'
import {
  StoreExposed,
  StoreTooNew,
  explainStoreFault,
  openStore,
  pendingMigrations,
  tryWrite,
  type Store,
  type StoreConfig,
  type StoreState,
} from '@wikistead/store'
import { mariadbTls } from './authority-file.ts'
import { dirname } from 'node:path'
import { mkdir } from 'node:fs/promises'

/**
 * The store that the configuration names; a SQLite file's folder is made. `connections`: at most, to MariaDB, where
 * `store-pool-size` names no other number. @throws SetupError when it is of a later release, open to others, or in a state
 * that takes no writes
 */
export async function openConfiguredStore(config: Config, connections = 10): Promise<Store> {
  const { storeUrl } = config
  if (storeUrl.engine === 'sqlite') {
    await mkdir(dirname(storeUrl.filename), { recursive: true, mode: 0o700 })
  }
  const place = storeConfig(config)
  const { storePoolSize = connections, operatorSessionIdle, operatorSessionLife } = config
  const operatorSessions = { idleMs: operatorSessionIdle, wholeMs: operatorSessionLife }
  return openStore(place.engine === 'sqlite' ? place : { ...place, connections: storePoolSize }, {
    operatorSessions,
  }).catch(toldWithState(config))
}

/** Names of the migrations that opening it would make. @throws SetupError when it is of a later release */
export async function pendingInStore(config: Config): Promise<string[]> {
  return pendingMigrations(storeConfig(config)).catch(toldPlainly)
}

/** What opening it would do, and whether it takes writes. @throws SetupError when it is of a later release */
export async function lookAtStore(config: Config): Promise<string[]> {
  const pending = await pendingInStore(config)
  if (pending.length === 0) await tryWrite(storeConfig(config))
  return pending
}

function toldPlainly(error: unknown): never {
  const isPlain = error instanceof StoreTooNew || error instanceof StoreExposed
  throw isPlain ? new SetupError(error.message, { cause: error }) : error
}

/** What is wrong with it, in words; undefined for what has none. */
export function whyStoreFails(config: Config, error: unknown): Promise<StoreState | undefined> {
  return explainStoreFault(storeConfig(config), error)
}

/** For who starts it. */
function toldWithState(config: Config): (error: unknown) => Promise<never> {
  return async (error) => {
    const state = await whyStoreFails(config, error)
    if (state === undefined) return toldPlainly(error)
    throw new SetupError(`${storePlace(config)} ${state.detail}. ${state.mend}`, { cause: error })
  }
}

/** @throws SetupError when store-ca-file cannot be read */
export function storeConfig({ storeUrl, storeTls, storeCaFile }: Config): StoreConfig {
  if (storeUrl.engine === 'sqlite') return storeUrl
  const { password, ...location } = storeUrl
  return {
    ...location,
    tls: mariadbTls('store', storeTls, storeCaFile),
    ...(password !== undefined && { password: password.reveal() }),
  }
}

/** For people; no password in it. */
export function storePlace({ storeUrl }: Config): string {
  if (storeUrl.engine === 'sqlite') return storeUrl.filename
  const { host = '', port, socketPath, database } = storeUrl
  return `MariaDB ${database} at ${socketPath ?? `${host}:${String(port)}`}`
}

/** Ten APIs, fifty hosts and a worker fit a MariaDB as it comes, which takes 151 connections. */
export const poolSizes = { api: 4, worker: 6, host: 2 } as const
