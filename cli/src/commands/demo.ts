import { isAbsolute, join } from 'node:path'
import type { Command } from 'commander'
import { withJson } from '../api-place.ts'
import { Output } from '../output.ts'
import { endWithAncestors } from '../end-with-ancestors.ts'
import { configOf, withSettings, type Environment, type Options } from '../setting-flags.ts'

export function addDemo(program: Command, env: Environment): void {
  withJson(withSettings(program.command('demo')))
    .description(
      'bring everything up in a folder of its own (`wikistead-demo` beside the usual one), make a first site, and say where it is',
    )
    .option('--once', 'stop again when the site was seen to serve')
    .action(async (options: Options) => {
      const config = configOf(options, env, { 'data-folder': demoFolder(env), 'temporal-port': '0' })
      // npm runs a shell that runs this, and hands on to the shell what is to stop this.
      if (env['npm_command'] !== undefined) endWithAncestors()
      const { runDemo } = await import('../demo/run-demo.ts')
      await runDemo(config, { env, out: new Output(options, env), once: options['once'] === true })
    })
}

/** Beside the folder of a `start` that is in earnest. */
function demoFolder({ XDG_DATA_HOME: data = '', HOME: home = '' }: Environment): string | undefined {
  if (isAbsolute(data)) return join(data, 'wikistead-demo')
  return isAbsolute(home) ? join(home, '.local/share/wikistead-demo') : undefined
}
