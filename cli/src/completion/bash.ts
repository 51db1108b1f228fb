import type { Command } from 'commander'
import { posixCases, posixPaths } from './words.ts'

/** For `~/.local/share/bash-completion/completions/wikistead`, or to be sourced. */
export const bashCompletion = (program: Command): string => `# bash completion for wikistead
_wikistead() {
  local current=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD - 1]} path='' words='' at next
  for ((at = 1; at < COMP_CWORD; at++)); do
    next="\${path:+$path }\${COMP_WORDS[at]}"
    case $next in
      ${posixPaths(program)}) path=$next ;;
    esac
  done
  case $path in
${posixCases(program)}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _wikistead wikistead
`
