import type { Config } from '@wikistead/config'
import { openStore, type Store } from '@wikistead/store'
import { dirname } from 'node:path'
import { mkdir } from 'node:fs/promises'

/** The store that the configuration names; a SQLite file's folder is made. */
export async function openConfiguredStore({ storeUrl }: Config): Promise<Store> {
  if (storeUrl.engine === 'sqlite') {
    await mkdir(dirname(storeUrl.filename), { recursive: true, mode: 0o700 })
    return openStore(storeUrl)
  }
  const { password, ...location } = storeUrl
  return openStore({ ...location, ...(password !== undefined && { password: password.reveal() }) })
}
