/** A second API over a stack's store and Temporal, in this process, with settings of its own. */
import { loadConfig } from '@wikistead/config'
import { createLogger, runApi } from '@wikistead/server'
import type { Stack } from '@wikistead/test/stack'

export async function startAnotherApi({ flags }: Stack, settings: Readonly<Record<string, string>>) {
  const parts = flags.map((flag) => /^--([^=]+)=(.*)$/s.exec(flag) ?? [])
  const shared = Object.fromEntries(parts.map(([, name = '', value = '']) => [name, value]))
  const config = loadConfig({ defaults: { ...shared, ...settings }, env: {} })
  return runApi(config, { env: {}, logger: createLogger('silent') })
}
