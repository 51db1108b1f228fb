/** Settings for a command line: no secret is taken there, so each stands in a file that is named instead. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '@wikistead/config'

export type NamedSettings = Readonly<Record<string, string>>

/** Those that are secret as `NAME-file`, in this folder, which is made when missing. */
export function secretsInFiles(given: NamedSettings, folder: string): NamedSettings {
  const secrets = new Set(settings.filter(({ secret }) => secret).map(({ name }) => name))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      // An empty one is none.
      if (!secrets.has(name) || value === '') return [name, value]
      writeFileSync(join(folder, name), `${value}\n`, { mode: 0o600 })
      return [`${name}-file`, join(folder, name)]
    }),
  )
}

/** As a command takes them. */
export function flagsOf(given: NamedSettings, folder: string): string[] {
  return Object.entries(secretsInFiles(given, folder)).map(([name, value]) => `--${name}=${value}`)
}
