/** Until sign-in arrives, one user acts: a local admin, by a token that only this machine's owner can read. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store, UserRow } from '@wikistead/store'

/** The local admin's identity; fixed, so that sites stay theirs over every reinstallation. */
const localAdmin = { issuer: 'bootstrap', subject: 'wikistead-local-admin' } as const

export interface Bootstrap {
  readonly user: UserRow
  readonly token: string
}

/** The local admin and the token that acts for them, both made when they are missing. */
export async function bootstrap(store: Store, dataFolder: string): Promise<Bootstrap> {
  const token = await readOrMakeToken(dataFolder)
  const user = await store.transaction(async (scope) => {
    const user = await scope.users.ensure({ name: 'Local admin', role: 'admin', ...localAdmin })
    await scope.users.adoptToken(user.user_id, 'bootstrap', token)
    return user
  })
  return { user, token }
}

export const bootstrapTokenFile = (dataFolder: string): string => join(dataFolder, 'bootstrap-token')

async function readOrMakeToken(dataFolder: string): Promise<string> {
  const path = bootstrapTokenFile(dataFolder)
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(path, 'utf8')).trim()
}
