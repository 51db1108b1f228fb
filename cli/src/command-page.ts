import type { Command } from 'commander'
import { exitCodeMeanings, exitCodes } from './errors.ts'
import { buildProgram } from './program.ts'
import { settingFlags } from './setting-flags.ts'

/** What `docs/cli.md` holds. */
export function commandPage(): string {
  const codes = Object.entries(exitCodeMeanings).map(
    ([name, meaning]) => `- \`${String(exitCodes[name as keyof typeof exitCodes])}\`: ${meaning}`,
  )
  return `# The \`wikistead\` command

<!-- Written by \`npm run docs\` from cli/src; change it there. -->

In a checkout it is \`npx wikistead\`. \`wikistead COMMAND --help\` shows the options of a command.

## What they have in common

- **Where the API is**: \`--api\`, else \`WIKISTEAD_API\`, else what the \`wikistead start\` over this data folder says
  of itself, else the settings \`host\` and \`port\`.
- **Who asks**: the token in the file of \`--token-file\`, else \`WIKISTEAD_TOKEN\`, else \`bootstrap-token\` in the data folder, which acts for the
  local admin and is sent to this machine only, to an API that has proven to be of that data folder. No command takes a
  token or another secret from its command line, which everybody on the machine can read.
- **WIKI** is an id, a site name (\`ada\`) or a domain (\`ada.wiki.example.org\`).
- **Tasks** are watched to their end: as a bar on a terminal, as a line an event in a pipe. Ctrl-C ends the watching
  and not the task. A connection that is lost is made again, and no event is missed.
- **\`--json\`** prints one JSON object a line, each with its \`event\`; the last one is the result,
  \`{"event":"done","ok":true,…}\`. What went wrong is one object on standard error:
  \`{"event":"error","exit_code","code","message","next",…}\`. Behind npm, say \`npm run -s\`, or npm's own lines come
  first.
- **\`NO_COLOR\`** is respected. In a pipe nothing is coloured or redrawn.

## Exit codes

${codes.join('\n')}

${leaves(buildProgram({})).map(section).join('\n\n')}
`
}

/** Those that do something themselves. */
function leaves(command: Command): readonly Command[] {
  const doesSomething = command.commands.length === 0 || command.options.length > 0
  return [...(doesSomething ? [command] : []), ...command.commands.flatMap(leaves)]
}

function section(command: Command): string {
  const takesSettings = command.options.some(({ long }) => long === '--log-level')
  const isClient = command.options.some(({ long }) => long === '--api')
  const args = command.registeredArguments.map(
    (argument) => `- \`<${argument.name()}>\`: ${asMarkdown(argument.description)}`,
  )
  const options = command.options
    .filter(
      ({ flags, long, hidden }) =>
        !hidden && !settingFlags.has(flags) && !(isClient && common.has(long ?? '')),
    )
    .map(
      ({ flags, description, argChoices = [], mandatory }) =>
        `- \`${flags}\`: ${asMarkdown(description)}${argChoices.length > 0 ? ` (${argChoices.join(', ')})` : ''}${mandatory ? '; required' : ''}`,
    )
  const more = [
    ...(takesSettings ? ['- every setting of [configuration.md](configuration.md), as a flag'] : []),
    ...(isClient ? ['- `--api`, `--token-file`, `--config`, `--data-folder`, `--json`: see above'] : []),
  ]
  return [
    `## \`${fullName(command)}\``,
    `${capitalized(command.description())}.`,
    [...args, ...options, ...more].join('\n'),
  ].join('\n\n')
}

const common: ReadonlySet<string> = new Set(['--api', '--token-file', '--config', '--json'])

function fullName(command: Command): string {
  const { parent } = command
  return parent === null ? command.name() : `${fullName(parent)} ${command.name()}`
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `<sub>` would be read as a tag. */
const asMarkdown = (text: string): string => text.replaceAll('<', '&lt;')
