import { join } from 'node:path'
import { isPlainDomain } from '@wikistead/contracts'
import type { z } from 'zod'
import type { Settings } from './settings/schema.ts'
import type { StoreLocation } from './store-location.ts'
import { wikifarmRunnerOf, type WikifarmRunner } from './wikifarm-runner.ts'

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name

type Shape = typeof Settings.shape

/** What the schema made of each setting: undefined where nothing was given and no default stands there. */
export type Values = { readonly [Name in keyof Shape as CamelCase<Name>]: z.output<Shape[Name]> }

interface WorkedOut {
  /** Absolute. */
  readonly dataFolder: string
  readonly storeUrl: StoreLocation
  /** Members have accounts of ours. */
  readonly accounts: boolean
  readonly fedwikiParentDomain: string
  readonly fedwikiAdminHost: string
  /** With `{domain}` in it, and for the embedded farm with `{port}`, e.g. `http://{domain}:{port}`. */
  readonly fedwikiSiteUrl: string
  readonly wikifarmRunner: WikifarmRunner
}

/** Every setting, checked and frozen: durations in milliseconds, paths absolute, secrets wrapped. */
export type Config = Omit<Values, keyof WorkedOut | 'storePassword'> & WorkedOut

/** Fills in the defaults that hang on other settings. */
export function completed({ storePassword, ...values }: Values, dataFolder: string): Config {
  const { storeUrl, fedwikiFarmUrl: farmUrl, fedwikiParentDomain = 'wiki.localhost' } = values
  const farmHost = farmUrl === undefined ? '' : new URL(farmUrl).hostname
  const adminHost = isPlainDomain(farmHost) ? farmHost : `admin.${fedwikiParentDomain}`
  const config: Config = {
    ...values,
    dataFolder,
    accounts: values.accounts ?? values.oidcIssuer === undefined,
    storeUrl: withPassword(
      storeUrl ?? { engine: 'sqlite', filename: join(dataFolder, 'wikistead.sqlite') },
      storePassword,
    ),
    fedwikiParentDomain,
    fedwikiAdminHost: values.fedwikiAdminHost ?? adminHost,
    fedwikiSiteUrl:
      values.fedwikiSiteUrl ?? (farmUrl === undefined ? 'http://{domain}:{port}' : 'https://{domain}'),
    wikifarmRunner: wikifarmRunnerOf(values),
  }
  for (const value of Object.values(config)) Object.freeze(value)
  return Object.freeze(config)
}

function withPassword(store: StoreLocation, password: Values['storePassword']): StoreLocation {
  return store.engine === 'mariadb' && password !== undefined ? { ...store, password } : store
}
