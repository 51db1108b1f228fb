import type { Command } from 'commander'
import { places } from './words.ts'

/** For `~/.config/fish/completions/wikistead.fish`. */
export function fishCompletion(program: Command): string {
  const all = places(program)
  const paths = all.filter(({ path }) => path.length > 0).map(({ path }) => `'${path.join(' ')}'`)
  const cases = all.flatMap(({ path, words, choices }) => [
    `    case '${path.join(' ')}'`,
    '      switch $flag',
    ...choices.map(
      ({ flag, values }) => `        case ${flag}\n          printf '%s\\n' ${values.join(' ')}`,
    ),
    `        case '*'\n          printf '%s\\n' ${words.join(' ')}`,
    '      end',
  ])
  return `# fish completion for wikistead
function __wikistead_words
  set -l line (commandline -opc)
  set -l flag $line[-1]
  set -l path ''
  for word in $line[2..]
    set -l next (string trim "$path $word")
    if contains -- $next ${paths.join(' ')}
      set path $next
    end
  end
  switch $path
${cases.join('\n')}
  end
end
complete -c wikistead -a '(__wikistead_words)'
`
}
