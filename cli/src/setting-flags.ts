import { loadConfig, settings, type Config } from '@wikistead/config'
import type { Command } from 'commander'

/** Gives a command `--config FILE` and a flag for each setting. */
export function withSettings(command: Command): Command {
  command.option('--config <file>', 'a YAML file of settings; flags and environment go before it')
  for (const { flag, meaning, default: fallback } of settings) {
    command.option(
      flag,
      fallback === undefined ? meaning : `${meaning} (default: ${fallback.replaceAll('`', '')})`,
    )
  }
  return command
}

/** @throws ConfigProblems with everything that is wrong */
export function configOf(options: Readonly<Record<string, unknown>>, env: Environment): Config {
  const { config: file } = options
  const flags = Object.fromEntries(Object.entries(options).filter(([name]) => !ownOptions.has(name)))
  return loadConfig({ flags, env, ...(typeof file === 'string' && { file }) })
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Options of commands, which are no settings. */
const ownOptions: ReadonlySet<string> = new Set(['config', 'json', 'once'])
