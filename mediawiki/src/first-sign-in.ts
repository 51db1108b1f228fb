/**
 * How the founder of a wiki with accounts of its own gets in: a one-time password, which is in the wiki's folder only
 * until our store has it, and there until somebody takes it.
 */
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { firstSignInSetting } from '@wikistead/contracts'
import type { Scope } from '@wikistead/store'

const folder = 'cache'
const prefix = '.first-sign-in-'

/** Where the script writes it, from the wiki's folder. */
export const secretFileOf = (taskId: string, n: number): string =>
  join(folder, `${prefix}${taskId}-${String(n)}`)

export interface FirstSignIn {
  /** The account, as MediaWiki has it. */
  readonly user: string
  readonly password: string
}

export async function readSecret(wikiFolder: string, file: string): Promise<string> {
  return (await readFile(join(wikiFolder, file), 'utf8')).trim()
}

export async function keepFirstSignIn(scope: Scope, wikiId: number, signIn: FirstSignIn): Promise<void> {
  await scope.settings.set(firstSignInSetting(wikiId), JSON.stringify(signIn))
}

export async function forgetFirstSignIn(scope: Scope, wikiId: number): Promise<void> {
  await scope.settings.take(firstSignInSetting(wikiId))
}

/** Once the store has it. */
export async function removeSecrets(wikiFolder: string): Promise<void> {
  const names = await readdir(join(wikiFolder, folder)).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    await rm(join(wikiFolder, folder, name), { force: true })
  }
}
