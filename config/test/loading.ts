/** Loading a configuration in a test: from files of a throw-away folder, and in the home of a user. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { ConfigProblems } from '../src/loading/config-problems.ts'
import type { ConfigSources } from '../src/loading/config-sources.ts'
import type { Config } from '../src/config.ts'
import { loadConfig } from '../src/loading/load-config.ts'
import { settings } from '../src/settings/settings.ts'

export const folder = mkdtempSync(join(tmpdir(), 'wikistead-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

/** As on a command line, but for the secrets, which stand in the environment. */
export function given(named: Readonly<Record<string, unknown>>): Pick<ConfigSources, 'flags' | 'env'> {
  const env: Record<string, string> = { ...home }
  const flags: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(named)) {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const secret = settings.find((setting) => setting.name === name && setting.secret)
    if (secret === undefined) flags[key] = value
    else env[secret.env] = String(value)
  }
  return { flags, env }
}

/** The path of a new file with this content. */
export function file(content: string): string {
  const path = join(folder, `${++files}.yaml`)
  writeFileSync(path, content)
  return path
}

export const home = { HOME: '/home/ada' }

/** Loads with a home folder, unless the environment is given. */
export function load(sources: Partial<ConfigSources> = {}): Config {
  return loadConfig({ env: home, ...sources })
}

/** The lines that people see, none if all is well. */
export function problemsOf(sources: Partial<ConfigSources>): readonly string[] {
  try {
    load(sources)
    return []
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error
    const lines = error.message.split('\n').slice(1)
    return lines.map((line) => line.trim())
  }
}

/** The lines of what is worth knowing. */
export function notesOf(sources: Partial<ConfigSources>): readonly string[] {
  const notes: string[] = []
  load({
    ...sources,
    onNote: ({ setting, source, mend }) => void notes.push(`${setting} (${source}): ${mend}`),
  })
  return notes
}
