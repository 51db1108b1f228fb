import { Argument, type Command } from 'commander'
import process from 'node:process'

const scripts = {
  bash: async (program: Command) => (await import('../../completion/bash.ts')).bashCompletion(program),
  zsh: async (program: Command) => (await import('../../completion/zsh.ts')).zshCompletion(program),
  fish: async (program: Command) => (await import('../../completion/fish.ts')).fishCompletion(program),
} as const

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description(
      'print a script with which a shell completes commands and flags, e.g. `source <(wikistead completion bash)`',
    )
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(scripts)))
    .action(async (shell: keyof typeof scripts) => {
      process.stdout.write(await scripts[shell](program))
    })
}
