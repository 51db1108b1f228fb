/** `wikistead rotate`: over the store, for the audit log and for who runs where. */
import type { Config } from '@wikistead/config'
import type { Store } from '@wikistead/store'
import { openConfiguredStore } from '../parts/open-store.ts'
import { farmToken } from './farm-token.ts'
import { wantOtherKeys } from './openid-keys.ts'
import { rotateSecret, type RotatedSecret, type RotationOptions } from './rotate-secret.ts'
import { serviceSecret } from './service-secret.ts'
import { rotateSiteCookies } from './site-cookies.ts'
import { followPasswords, wantOtherPasswords, type HostProgress } from './wiki-passwords.ts'

export type { HostProgress, HostState } from './wiki-passwords.ts'

type Options = Pick<RotationOptions, 'everywhere' | 'onStep'> & {
  /** Instead of as long as what was made with the old one may be under way. */
  readonly graceMs?: number
}

/** @throws SetupError with what to do */
export const rotateServiceSecret = (config: Config, options: Options = {}): Promise<void> =>
  rotate(config, options, (store) => Promise.resolve(serviceSecret(config, store)))

/** @throws SetupError with what to do */
export const rotateFarmToken = (config: Config, options: Options = {}): Promise<void> =>
  rotate(config, options, (store) => farmToken(config, store))

/** @throws SetupError with what to do */
export async function rotateCookies(config: Config): Promise<'renewed' | 'at the next start'> {
  await using store = await openConfiguredStore(config, 1)
  return await rotateSiteCookies(config, store)
}

/** Every API sees to its own keys. @throws SetupError with what to do */
export async function rotateOpenidKeys(config: Config): Promise<void> {
  await using store = await openConfiguredStore(config, 1)
  await wantOtherKeys(store)
}

/** Every host sees to its own wikis, also when this ends. @throws SetupError with what to do */
export async function rotateWikiPasswords(
  config: Config,
  onProgress?: (progress: readonly HostProgress[]) => void,
): Promise<void> {
  await using store = await openConfiguredStore(config, 1)
  const before = await wantOtherPasswords(store)
  if (onProgress !== undefined) await followPasswords(store, before, onProgress)
}

async function rotate(
  config: Config,
  { graceMs, ...options }: Options,
  find: (store: Store) => Promise<RotatedSecret>,
): Promise<void> {
  await using store = await openConfiguredStore(config, 1)
  const secret = await find(store)
  const { dataFolder } = config
  await rotateSecret({ ...secret, graceMs: graceMs ?? secret.graceMs }, { store, dataFolder, ...options })
}
