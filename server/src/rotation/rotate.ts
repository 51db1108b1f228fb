/** `wikistead rotate`: over the store, for the audit log and for who runs where. */
import type { Config } from '@wikistead/config'
import type { Store } from '@wikistead/store'
import { openConfiguredStore } from '../parts/open-store.ts'
import { farmToken } from './farm-token.ts'
import { rotateSecret, type RotatedSecret, type RotationOptions } from './rotate-secret.ts'
import { serviceSecret } from './service-secret.ts'
import { rotateSiteCookies } from './site-cookies.ts'

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
