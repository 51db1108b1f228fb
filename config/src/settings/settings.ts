/** What the schema says about each setting, as the command line, the loader and the documentation need it. */
import { z } from 'zod'
import { about } from './about.ts'
import { Settings } from './schema.ts'

export type SettingName = keyof typeof Settings.shape

export interface Setting {
  /** Its key in the file, e.g. `fedwiki-sync-interval`; secrets also have one that ends in `-file`. */
  readonly name: string
  /**
   * As commander takes it: `--port <port>`, `--fedwiki-sync-enabled [boolean]`. A secret has none, for whoever is on a
   * machine can read command lines.
   */
  readonly flag: string | undefined
  readonly env: string
  readonly type: string
  /** In words or as one would write it; undefined when there is none. */
  readonly default: string | undefined
  readonly meaning: string
  readonly secret: boolean
  /** Of a secret: its file may hold the one before as well, and is read anew when it changes. */
  readonly rotates: boolean
  /** The secret setting whose value the file at this path holds. */
  readonly holds?: SettingName
}

/** All settings, in the order of the documentation. */
export const settings: readonly Setting[] = Object.entries(Settings.shape).flatMap(([name, schema]) => {
  const {
    type,
    meaning,
    default: words,
    env = envName(name),
    secret = false,
    rotates = false,
  } = about.get(schema) ?? missing(name)
  const taken = type === 'boolean' ? `--${name} [boolean]` : `--${name} <${type}>`
  const flag = secret ? undefined : taken
  const setting = { name, flag, env, type, default: words ?? defaultOf(schema), meaning, secret, rotates }
  if (!secret) return [setting]
  const file: Setting = {
    name: `${name}-file`,
    flag: `--${name}-file <path>`,
    env: `${env}_FILE`,
    type: 'path',
    default: undefined,
    meaning: `a file that holds \`${name}\``,
    secret: false,
    rotates: false,
    holds: name as SettingName,
  }
  return [setting, file]
})

function envName(name: string): string {
  return `WIKISTEAD_${name.toUpperCase().replaceAll('-', '_')}`
}

function defaultOf(schema: z.ZodType): string | undefined {
  if (!(schema instanceof z.ZodPrefault)) return undefined
  const value = schema.def.defaultValue
  if (Array.isArray(value)) return undefined
  return `\`${String(value)}\``
}

function missing(name: string): never {
  throw new Error(`the setting ${name} says nothing about itself`)
}
