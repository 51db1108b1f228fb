/**
 * From flags, environment and file to one frozen `Config`. Each setting is taken from the first source that has
 * it, and everything that is wrong anywhere is said at once. Nothing is read but the files that are named.
 */
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { completed, type Config, type Values } from '../config.ts'
import type { ConfigNote } from './config-note.ts'
import { ConfigProblems, type Problem } from './config-problems.ts'
import {
  readSources,
  tellsSecret,
  type ConfigSources,
  type Given,
  type GivenValues,
} from './config-sources.ts'
import { strayCredentials } from './credentials.ts'
import { codeOf } from './error-code.ts'
import { whyIdle } from './idle-settings.ts'
import { rules } from '../rules/rules.ts'
import { Settings } from '../settings/schema.ts'
import { Secret } from '../secret.ts'
import { isOpenFile, readSecretFile, SecretFileError, secretOfFile } from './secret-file.ts'
import { partOf } from '../settings/setting-parts.ts'
import { settings, type Setting, type SettingName } from '../settings/settings.ts'
import { strayVariables } from './stray-variables.ts'

/** @throws ConfigProblems with everything that is wrong */
export function loadConfig(from: ConfigSources): Config {
  const { sources, problems: misread } = readSources(from)
  const problems: Problem[] = [...misread]
  const home = from.env['HOME']
  const values: Record<string, unknown> = {}
  const broken = new Set<string>(misread.map(({ setting }) => setting))
  const report = (setting: string, source: string | undefined, mend: string) => {
    problems.push({ setting, source, mend })
    broken.add(setting)
  }

  const strays = [...strayVariables(from.env), ...strayCredentials(from.env['CREDENTIALS_DIRECTORY'])]
  const isUsed = (name: string): boolean => {
    const part = partOf(name)
    return part === undefined || from.uses === undefined || from.uses.includes(part)
  }

  for (const setting of settings) {
    if (setting.holds !== undefined) continue
    const found = find(setting, sources, home, isUsed(setting.name) ? report : () => undefined)
    if (broken.has(setting.name)) continue
    const result = found?.inFile
      ? secretIn(setting, found.inFile)
      : Settings.shape[setting.name as SettingName].safeParse(found?.value)
    if (result.success) values[camelCase(setting.name)] = result.data
    else {
      const mends = new Set(result.error.issues.map(({ message }) => message))
      report(setting.name, found?.shown(shownValue(found.value, setting)), [...mends].join('; '))
    }
  }
  // Broken ones are absent from `values`, and no rule reads them.
  for (const { setting, reads, broken: isBroken } of rules) {
    if (!isUsed(setting) || [setting, ...reads].some((name) => broken.has(name))) continue
    const mend = isBroken(values as Values)
    if (mend !== undefined) problems.push({ setting, source: undefined, mend })
  }
  const dataFolder = (values['dataFolder'] as string | undefined) ?? defaultDataFolder(from.env)
  if (dataFolder === undefined && !broken.has('data-folder')) {
    problems.push({ setting: 'data-folder', source: undefined, mend: 'HOME is not set, so name a folder' })
  }
  // What is missing may stand there under another name.
  if (problems.length > 0 || dataFolder === undefined) throw new ConfigProblems([...problems, ...strays])
  const given = sources.slice(0, -1)
  for (const note of [...strays, ...idleNotes(values as Values, given, isUsed), ...openNotes(given, home)]) {
    from.onNote?.(note)
  }
  return completed(values as Values, dataFolder)
}

/** @param sources without a command's own defaults, of which nobody need hear */
function idleNotes(
  values: Values,
  sources: readonly GivenValues[],
  isUsed: (name: string) => boolean,
): ConfigNote[] {
  return settings.flatMap(({ name, holds }): ConfigNote[] => {
    const place = sources.find((source) => source.has(name))?.get(name)?.place
    const of = holds ?? name
    // Whoever knows of MediaWiki wikis is told that there are none, whatever the setting is for.
    const concerns = isUsed(of) || (partOf(of) === 'mediawiki-host' && isUsed('wikifarm-dir'))
    const reason = concerns ? whyIdle(of, values) : undefined
    if (place === undefined || reason === undefined) return []
    return [{ kind: 'idle', setting: name, source: place, mend: `no effect: ${reason}` }]
  })
}

type Report = (setting: string, source: string | undefined, mend: string) => void

interface Found extends Given {
  /** The file that holds the secret. */
  readonly inFile?: SecretInFile
}

interface SecretInFile {
  readonly path: string
  readonly lines: readonly string[]
}

/** What the first source says of a setting, with the path made absolute, or the content of the file for it. */
function find(
  { name, type, secret }: Setting,
  sources: readonly GivenValues[],
  home: string | undefined,
  report: Report,
): Found | undefined {
  for (const source of sources) {
    const given = source.get(name)
    const inFile = secret ? source.get(`${name}-file`) : undefined
    if (given !== undefined && inFile !== undefined) {
      return void report(
        name,
        inFile.shown(String(inFile.value)),
        `${name} is given too; keep one of the two`,
      )
    }
    if (given !== undefined) {
      const place = (path: string) => absolute(path, given.folder, home)
      if (type === 'path' && typeof given.value === 'string') return { ...given, value: place(given.value) }
      // What follows `sqlite:` is a path as well.
      const sqlite = type === 'store' ? /^sqlite:(?!\/\/)(.+)$/.exec(String(given.value))?.[1] : undefined
      return sqlite === undefined ? given : { ...given, value: `sqlite:${place(sqlite)}` }
    }
    if (inFile !== undefined) return contentOf(inFile, name, home, report)
  }
  return undefined
}

function contentOf(given: Given, name: string, home: string | undefined, report: Report): Found | undefined {
  const source = given.shown(String(given.value))
  if (typeof given.value !== 'string') return void report(name, source, 'one path, no list')
  const path = absolute(given.value, given.folder, home)
  try {
    const lines = readSecretFile(path)
    return { ...given, value: lines[0] ?? '', shown: () => source, inFile: { path, lines } }
  } catch (error) {
    const mend =
      error instanceof SecretFileError ? error.message : `that file cannot be read: ${codeOf(error)}`
    return void report(name, source, mend)
  }
}

function secretIn({ name, rotates }: Setting, { path, lines }: SecretInFile) {
  const most = rotates ? 2 : 1
  const line = Settings.shape[name as SettingName]
  const some = z.array(line, 'it is empty').min(1, 'it is empty').max(most, tooManyLines[most])
  const checked = some.safeParse(lines)
  if (!checked.success) return checked
  const fits = (now: readonly string[]) => some.safeParse(now).success
  const secret = rotates ? secretOfFile(path, lines, fits) : new Secret(lines[0] ?? '', path)
  return { success: true, data: secret } as const
}

const tooManyLines = {
  1: 'that file has more than one line, and a secret is one',
  2: 'that file has more than two lines: the secret is the first, the one before it the second',
} as const

/** Secrets in files that everybody on the machine can read. What systemd hands over is nobody else's. */
function openNotes(sources: readonly GivenValues[], home: string | undefined): ConfigNote[] {
  return settings.flatMap((setting): ConfigNote[] => {
    const given = sources.find((source) => source.has(setting.name))?.get(setting.name)
    if (given === undefined || given.place.startsWith('credential ')) return []
    const inFile = setting.holds !== undefined && typeof given.value === 'string'
    const path = inFile ? absolute(String(given.value), given.folder, home) : given.file
    if (path === undefined || !(inFile || tellsSecret(setting, given)) || !isOpenFile(path)) return []
    const mend = `everybody on this machine can read that file: run \`chmod 600 ${path}\``
    return [{ kind: 'open', setting: setting.holds ?? setting.name, source: given.place, mend }]
  })
}

function absolute(path: string, folder: string, home: string | undefined): string {
  if (path === '') return path
  return home !== undefined && path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path)
}

function defaultDataFolder(env: ConfigSources['env']): string | undefined {
  const { XDG_DATA_HOME: data = '', HOME: home = '' } = env
  // Relative ones are to be ignored, says the XDG specification.
  if (isAbsolute(data)) return join(data, 'wikistead')
  return isAbsolute(home) ? join(home, '.local/share/wikistead') : undefined
}

/** On one line, never long, and without what might be a password in an address. */
function shownValue(value: unknown, { secret }: Setting): string {
  if (secret) return '[secret]'
  const plain = typeof value === 'string' ? value : JSON.stringify(value)
  const hidden = plain.replace(/(:\/\/[^/@:]*):.*@/s, '$1:[secret]@').replaceAll(/\p{Cc}/gu, '?')
  return hidden.length > 80 ? `${hidden.slice(0, 79)}…` : hidden
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
