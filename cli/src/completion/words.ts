/** What can follow where on the command line, from the program itself: what every shell's script is written from. */
import type { Command } from 'commander'

export interface Place {
  /** The commands before, e.g. `['audit', 'verify']`; [] at the beginning. */
  readonly path: readonly string[]
  /** Commands and flags. */
  readonly words: readonly string[]
  /** What a flag may be followed by, where that is one of a few. */
  readonly choices: readonly { readonly flag: string; readonly values: readonly string[] }[]
}

export function places(command: Command, path: readonly string[] = []): readonly Place[] {
  const options = command.options.filter(({ hidden, long }) => !hidden && long != null)
  const flags = options.map(({ long }) => long ?? '')
  const here: Place = {
    path,
    words: [...command.commands.map((each) => each.name()), ...flags, '--help'],
    choices: options.flatMap(({ long, argChoices = [] }) =>
      argChoices.length === 0 ? [] : [{ flag: long ?? '', values: argChoices }],
    ),
  }
  return [here, ...command.commands.flatMap((each) => places(each, [...path, each.name()]))]
}

/**
 * The places as branches of a POSIX `case` over the commands before, each of which sets the variable; `flag` is the word before.
 * Names of commands and flags are letters and hyphens: nothing needs quoting.
 */
export function posixCases(command: Command, variable = 'words'): string {
  const lines = places(command).map(({ path, words, choices }) => {
    const branches = choices.map(({ flag, values }) => `${flag}) ${variable}='${values.join(' ')}' ;; `)
    const otherwise = `*) ${variable}='${words.join(' ')}' ;;`
    return `    '${path.join(' ')}') case $flag in ${branches.join('')}${otherwise} esac ;;`
  })
  return lines.join('\n')
}

/** The names of all commands that others follow or that are called, as alternatives of a `case`, each with its path. */
export const posixPaths = (command: Command): string =>
  places(command)
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join('|')
