/** Until sign-in arrives, one user acts: a local admin, by a token that only this machine's owner can read. */
import { join } from 'node:path'
import type { Store, UserRow } from '@wikistead/store'
import { keptSecret } from '../parts/kept-secret.ts'

/** The local admin's identity; fixed, so that sites stay theirs over every reinstallation. */
const localAdmin = { issuer: 'bootstrap', subject: 'wikistead-local-admin' } as const

export interface Bootstrap {
  readonly user: UserRow
  readonly token: string
}

/** The local admin and the token that acts for them, both made when they are missing. */
export async function bootstrap(store: Store, dataFolder: string): Promise<Bootstrap> {
  const token = await keptSecret(bootstrapTokenFile(dataFolder))
  const user = await store.transaction(async (scope) => {
    const user = await scope.users.ensure({ name: 'Local admin', role: 'admin', ...localAdmin })
    await scope.tokens.adopt(user.user_id, token, { label: 'bootstrap' })
    return user
  })
  return { user, token }
}

export const bootstrapTokenFile = (dataFolder: string): string => join(dataFolder, 'bootstrap-token')
