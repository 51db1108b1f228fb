import type { Command } from 'commander'
import { posixCases, posixPaths } from './words.ts'

/** For a file \`_wikistead\` of a folder of \`$fpath\`, or to be sourced after \`compinit\`. */
export const zshCompletion = (program: Command): string => `#compdef wikistead
_wikistead() {
  local flag=\${words[CURRENT - 1]} path_='' next at
  local -a line=("\${words[@]}")
  for ((at = 2; at < CURRENT; at++)); do
    next="\${path_:+$path_ }\${line[at]}"
    case $next in
      (${posixPaths(program)}) path_=$next ;;
    esac
  done
  local candidates=''
  case $path_ in
${posixCases(program, 'candidates')}
  esac
  compadd -- \${=candidates}
  _files
}
if [ "$funcstack[1]" = _wikistead ]; then _wikistead "$@"; else compdef _wikistead wikistead; fi
`
