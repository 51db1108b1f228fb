import {
  loadConfig,
  settings,
  type Config,
  type ConfigSources,
  type Part,
  type Setting,
} from '@wikistead/config'
import { Option, type Command } from 'commander'

export type Environment = Readonly<Record<string, string | undefined>>

/** What commander makes of the flags of a command, in camel case. */
export type Options = Readonly<Record<string, unknown>>

const configFlag = '--config <file>'
const configMeaning = 'a YAML file of settings; flags and environment go before it'
const dataFolderFlag = '--data-folder <path>'

/** Flags of commands that stand for settings, and are told in docs/configuration.md. */
export const settingFlags: ReadonlySet<string> = new Set(settings.map(flagOf))

/** Gives a command `--config FILE` and a flag for each setting, but for one whose flag means something else there. */
export function withSettings(command: Command, { without }: { readonly without?: string } = {}): Command {
  command.option(configFlag, configMeaning)
  for (const setting of settings) {
    const { name, flag, meaning, default: fallback } = setting
    if (name === without) continue
    const words = fallback === undefined ? meaning : `${meaning} (default: ${fallback.replaceAll('`', '')})`
    command.addOption(new Option(flagOf(setting), words).hideHelp(flag === undefined))
  }
  return command
}

/** A secret is refused there, in words of its own. */
function flagOf({ flag, name }: Setting): string {
  return flag ?? `--${name} <secret>`
}

/** Gives a command only what finds the folder of a running `start`. */
export function withDataFolder(command: Command): Command {
  return command
    .option(configFlag, configMeaning)
    .option(dataFolderFlag, 'of the `wikistead start` on this machine')
}

/** What commands that only talk to the API use of the settings: where the data folder and the API are. */
export const clientParts: readonly Part[] = []

/**
 * @param more what the command is made of, its own defaults, and who hears what is worth knowing
 * @throws ConfigProblems with everything that is wrong
 */
export function configOf(
  options: Options,
  env: Environment,
  more: Pick<ConfigSources, 'defaults' | 'uses' | 'onNote'> = {},
): Config {
  const { config: file } = options
  const flags = Object.fromEntries(Object.entries(options).filter(([name]) => settingNames.has(name)))
  return loadConfig({ flags, env, ...more, ...(typeof file === 'string' && { file }) })
}

/** As commander names them. */
const settingNames: ReadonlySet<string> = new Set(
  settings.map(({ name }) => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())),
)
