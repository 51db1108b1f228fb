/** What was given for each setting, and where: flags before environment before systemd's credentials before file. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { closestMatch } from 'leven'
import { readConfigFile } from './config-file.ts'
import { fromCredentials } from './credentials.ts'
import { codeOf } from './error-code.ts'
import type { ConfigNote } from './config-note.ts'
import type { Problem } from './config-problems.ts'
import type { Part } from '../settings/setting-parts.ts'
import { settings, type Setting } from '../settings/settings.ts'

export interface ConfigSources {
  /**
   * Of the command line. Named as in `settings`, or in camel case as commander has them; undefined counts as not given.
   * No secret is taken there: whoever is on a machine can read command lines.
   */
  readonly flags?: Readonly<Record<string, unknown>>
  /** Empty ones count as not set. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The path of a YAML file; one without a value, `name:`, counts as not given. */
  readonly file?: string
  /** Named like flags, and taken where no source gives anything: what one command has instead of the usual default. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** Of what the command is made; default: everything. What else is missing or unreadable does not matter to it. */
  readonly uses?: readonly Part[]
  /** Hears what is worth knowing and stops nothing; each thing once. */
  readonly onNote?: (note: ConfigNote) => void
  /** What the relative paths in flags and environment start from; those in the file start from its folder. */
  readonly cwd?: string
}

export interface Given {
  readonly value: unknown
  /** As people recognize it: `--port=http`, `/etc/wikistead.yaml line 3: http`. */
  readonly shown: (value: string) => string
  /** The same without the value: `--port`, `/etc/wikistead.yaml line 3`. */
  readonly place: string
  /** The folder that a relative path starts from. */
  readonly folder: string
  /** The configuration file that it stands in. */
  readonly file?: string
}

/** Setting name → what was given for it. */
export type GivenValues = ReadonlyMap<string, Given>

/** One map a source, the first one goes before the others; and names that mean nothing. */
export function readSources({ flags = {}, env, file, defaults = {}, cwd = process.cwd() }: ConfigSources): {
  readonly sources: readonly GivenValues[]
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const sources = [
    withoutSecrets(fromFlags(flags, cwd, problems), problems),
    fromEnvironment(env, cwd),
    fromCredentials(env['CREDENTIALS_DIRECTORY'], problems),
  ]
  if (file !== undefined) sources.push(fromFile(resolve(cwd, file), problems))
  sources.push(fromFlags(defaults, cwd, problems))
  return { sources, problems }
}

/** What stands in a command line is read by whoever is on the machine. */
function withoutSecrets(given: Map<string, Given>, problems: Problem[]): GivenValues {
  for (const { name, secret, env } of settings) {
    if (secret && given.delete(name)) {
      const elsewhere = `name a file that holds it with --${name}-file, or give it as ${env} or as systemd's credential ${name}`
      problems.push({ setting: name, source: `--${name}`, mend: `${exposed}: ${elsewhere}` })
    }
  }
  const store = given.get('store-url')?.value
  if (typeof store === 'string' && hasPassword(store)) {
    given.delete('store-url')
    const elsewhere = 'leave its password out, and name a file that holds it with --store-password-file'
    problems.push({ setting: 'store-url', source: '--store-url', mend: `${exposed}: ${elsewhere}` })
  }
  return given
}

const exposed = 'everybody on this machine can read a command line'

const hasPassword = (address: string): boolean => /^\w+:\/\/[^/@:]*:[^@]/.test(address)

/** Whether the setting, as it stands in a configuration file, tells a secret to whoever reads that. */
export function tellsSecret({ name, secret }: Setting, { value }: Given): boolean {
  return secret || (name === 'store-url' && typeof value === 'string' && hasPassword(value))
}

const names = settings.map(({ name }) => name)

function fromFlags(
  flags: NonNullable<ConfigSources['flags']>,
  folder: string,
  problems: Problem[],
): Map<string, Given> {
  const given = new Map<string, Given>()
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (names.includes(name)) given.set(name, { value, folder, ...placed(`--${name}`, '=') })
    else problems.push({ setting: name, source: `--${name}`, mend: unknownName(name) })
  }
  return given
}

function fromEnvironment(env: ConfigSources['env'], folder: string): GivenValues {
  const given = new Map<string, Given>()
  for (const { name, env: variable } of settings) {
    const value = env[variable]
    if (value) given.set(name, { value, folder, ...placed(variable, '=') })
  }
  return given
}

function placed(place: string, between: string): Pick<Given, 'place' | 'shown'> {
  return { place, shown: (value) => `${place}${between}${value}` }
}

function fromFile(file: string, problems: Problem[]): GivenValues {
  const given = new Map<string, Given>()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    problems.push({ setting: 'the file', source: file, mend: `cannot be read: ${codeOf(error)}` })
    return given
  }
  const { entries, problems: broken } = readConfigFile(text)
  for (const { line, message } of broken) {
    problems.push({ setting: 'the file', source: `${file} line ${line}`, mend: message })
  }
  for (const { key, value, line } of entries) {
    const place = `${file} line ${line}`
    if (!names.includes(key)) problems.push({ setting: key, source: place, mend: unknownName(key) })
    else if (value !== null) {
      given.set(key, { value, folder: dirname(file), file, ...placed(place, ': ') })
    }
  }
  return given
}

function unknownName(name: string): string {
  const plain = name.toLowerCase().replaceAll('_', '-')
  const meant = closestMatch(plain, names, { maxDistance: Math.max(2, Math.floor(plain.length / 4)) })
  return `no such setting${meant === undefined ? '; docs/configuration.md lists all' : `; did you mean ${meant}?`}`
}
