/** Until sign-in arrives, one user acts: a local admin, by a token that only this machine's owner can read. */
import { join } from 'node:path'
import type { Store, UserRow } from '@wikistead/store'
import type { Instance } from '../parts/instance.ts'
import { keptSecret } from '../parts/kept-secret.ts'

/** The local admin's identity; fixed, so that sites stay theirs over every reinstallation. */
const localAdmin = { issuer: 'bootstrap', subject: 'wikistead-local-admin' } as const

export interface Bootstrap {
  readonly user: UserRow
  readonly token: string
}

/** How long the token of a process that was killed still acts. */
const lifetimeMs = 86_400_000
const renewEveryMs = 3_600_000

/**
 * The local admin and the token that acts for them, both made when they are missing. The token belongs to the processes of
 * its data folder: it acts while one of them serves, and with the next one again.
 */
export async function bootstrap(
  store: Store,
  dataFolder: string,
  instance: Pick<Instance, 'onBeat' | 'onEnd'>,
): Promise<Bootstrap> {
  const token = await keptSecret(bootstrapTokenFile(dataFolder))
  const user = await store.transaction((scope) =>
    scope.users.ensure({ name: 'Local admin', role: 'admin', ...localAdmin }),
  )
  let renewedAt: number | undefined
  await instance.onBeat(async () => {
    const now = store.now()
    if (renewedAt !== undefined && Math.abs(now - renewedAt) < renewEveryMs) return
    await store.tokens.adopt(user.user_id, token, { label: 'bootstrap', expiresAt: now + lifetimeMs })
    renewedAt = now
  })
  instance.onEnd(async (isLast) => {
    if (isLast) await store.tokens.disown(token)
  })
  return { user, token }
}

export const bootstrapTokenFile = (dataFolder: string): string => join(dataFolder, 'bootstrap-token')
