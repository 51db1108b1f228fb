/** Every test of the store runs on both of its engines. */
import type {} from './provided.ts'
import { createConnection } from 'mysql2/promise'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type StoreConfig, type StoreOptions } from '@wikistead/store'
import { inject } from 'vitest'

export const storeEngines = ['sqlite', 'mariadb'] as const

export interface TestStore extends AsyncDisposable {
  readonly config: StoreConfig
  readonly store: Store
  /** Another process' view of the same database. */
  open(): Promise<Store>
}

/** A store of its own for one test, gone afterwards. */
export async function freshStore(
  engine: (typeof storeEngines)[number],
  options: StoreOptions = {},
): Promise<TestStore> {
  const { config, remove } = engine === 'sqlite' ? await sqliteFile() : await mariadbDatabase()
  const opened: Store[] = []
  const open = async (): Promise<Store> => {
    const store = await openStore(config, options)
    opened.push(store)
    return store
  }
  return {
    config,
    store: await open(),
    open,
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store[Symbol.asyncDispose]()
      await remove()
    },
  }
}

async function sqliteFile() {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-store-'))
  return {
    config: { engine: 'sqlite', filename: join(folder, 'store.db') } as const,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function mariadbDatabase() {
  const { socketPath } = inject('mariadb')
  const database = `store_${randomUUID().replaceAll('-', '')}`
  const run = async (statement: string): Promise<void> => {
    const connection = await createConnection({ socketPath, user: 'root' })
    await connection.query(statement)
    await connection.end()
  }
  await run(`CREATE DATABASE ${database}`)
  return {
    config: { engine: 'mariadb', socketPath, user: 'root', database } as const,
    remove: () => run(`DROP DATABASE ${database}`),
  }
}
