/**
 * The one place that writes commands for people to paste. Wherever Wikistead names a command, in a text of its own or of the
 * API, it is `wikistead …` in backticks, or the rest of a line after a colon. Told by a command, it becomes what can be
 * pasted: called as this one was, and over the same data folder, API and token.
 */
import { realpathSync } from 'node:fs'
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Environment, Options } from './setting-flags.ts'

export interface Invocation {
  /** As people call the command here, e.g. `npx wikistead`. */
  readonly called: string
  readonly program: Command
  /** By the long flag, e.g. `--data-folder`; a command gets those that it takes. */
  readonly flags: ReadonlyMap<string, string>
}

/** Flags that say where things are, in the order in which they are written. */
const placeFlags = ['--config', '--data-folder', '--api', '--token-file'] as const

/** A process is one command. */
let invocation: Invocation | undefined

export function rememberInvocation(
  program: Command,
  options: Options,
  env: Environment,
  argv: readonly string[],
): void {
  const { config, dataFolder = env['WIKISTEAD_DATA_FOLDER'], api = env['WIKISTEAD_API'], tokenFile } = options
  const flags = new Map<string, string>()
  // From wherever it is pasted.
  if (typeof config === 'string') flags.set('--config', resolve(config))
  if (typeof dataFolder === 'string' && dataFolder !== '') flags.set('--data-folder', resolve(dataFolder))
  if (typeof api === 'string' && api !== '') flags.set('--api', api)
  if (typeof tokenFile === 'string') flags.set('--token-file', resolve(tokenFile))
  invocation = { program, called: calledAs(argv[1] ?? 'wikistead', env), flags }
}

/** The folder was not named and is not the usual one: whoever pastes a command must name it. */
export function rememberDataFolder(dataFolder: string): void {
  if (invocation === undefined) return
  const flags = new Map(invocation.flags)
  if (!flags.has('--config')) flags.set('--data-folder', dataFolder)
  invocation = { ...invocation, flags }
}

/** A command that can be pasted. `words`: all but the name of the program; they are quoted. */
export function commandLine(words: readonly string[], from: Invocation | undefined = invocation): string {
  return whole(words.map(quoted).join(' '), from)
}

/** The text, with each command in it as it can be pasted. */
export function withWholeCommands(text: string, from: Invocation | undefined = invocation): string {
  if (from === undefined) return text
  return text.replaceAll(
    /`(?:npx )?wikistead ([^`\n]+)`|(?<=: )(?:npx )?wikistead ([^`\n]+)$/gm,
    (found, inTicks: string | undefined, atEnd: string | undefined) =>
      inTicks === undefined ? whole(atEnd ?? '', from, found) : `\`${whole(inTicks, from)}\``,
  )
}

function whole(written: string, from: Invocation | undefined, otherwise = `wikistead ${written}`): string {
  if (from === undefined) return otherwise
  const command = commandOf(from.program, written.split(/\s+/))
  if (command === undefined) return otherwise
  const more = placeFlags.flatMap((flag) => {
    const value = from.flags.get(flag)
    const taken = command.options.some(({ long }) => long === flag)
    return value === undefined || !taken || written.includes(flag) ? [] : [flag, quoted(value)]
  })
  return [from.called, written, ...more].join(' ')
}

/** Undefined for words that are no command. */
function commandOf(program: Command, words: readonly string[]): Command | undefined {
  let found: Command | undefined
  for (const word of words) {
    const next: Command | undefined = (found ?? program).commands.find((each) => each.name() === word)
    if (next === undefined) break
    found = next
  }
  return found
}

/** For a POSIX shell. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

function calledAs(script: string, env: Environment): string {
  const { npm_command: npm, npm_config_local_prefix: tree, INIT_CWD: here } = env
  if (npm !== undefined && tree !== undefined && isWithin(tree, here ?? '.')) return 'npx wikistead'
  const own = realPath(script)
  const onPath = (env['PATH'] ?? '').split(delimiter).some((folder) => {
    return folder !== '' && own !== undefined && realPath(join(folder, 'wikistead')) === own
  })
  return onPath ? 'wikistead' : quoted(resolve(script))
}

const isWithin = (tree: string, folder: string): boolean => {
  const way = relative(tree, resolve(folder))
  return !isAbsolute(way) && way !== '..' && !way.startsWith('../')
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
