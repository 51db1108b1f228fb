import type { Config } from '@wikistead/config'
import { SetupError } from '@wikistead/processes/setup-error'
import { StoreTooNew, openStore, pendingMigrations, type Store, type StoreConfig } from '@wikistead/store'
import { dirname } from 'node:path'
import { mkdir } from 'node:fs/promises'

/** The store that the configuration names; a SQLite file's folder is made. @throws SetupError when it is of a later release */
export async function openConfiguredStore(config: Config): Promise<Store> {
  const { storeUrl } = config
  if (storeUrl.engine === 'sqlite') {
    await mkdir(dirname(storeUrl.filename), { recursive: true, mode: 0o700 })
  }
  return openStore(storeConfig(config)).catch(toldPlainly)
}

/** Names of the migrations that opening it would make. @throws SetupError when it is of a later release */
export async function pendingInStore(config: Config): Promise<string[]> {
  return pendingMigrations(storeConfig(config)).catch(toldPlainly)
}

function toldPlainly(error: unknown): never {
  throw error instanceof StoreTooNew ? new SetupError(error.message, { cause: error }) : error
}

function storeConfig({ storeUrl }: Config): StoreConfig {
  if (storeUrl.engine === 'sqlite') return storeUrl
  const { password, ...location } = storeUrl
  return { ...location, ...(password !== undefined && { password: password.reveal() }) }
}

/** For people; no password in it. */
export function storePlace({ storeUrl }: Config): string {
  if (storeUrl.engine === 'sqlite') return storeUrl.filename
  const { host = '', port, socketPath, database } = storeUrl
  return `MariaDB ${database} at ${socketPath ?? `${host}:${String(port)}`}`
}
