import { isAbsolute, join } from 'node:path'
import type { ConfigNote } from '@wikistead/config'
import type { Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { Output } from '../../output.ts'
import { endWithAncestors } from '../../end-with-ancestors.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

export function addDemo(program: Command, env: Environment): void {
  withJson(withSettings(program.command('demo')))
    .description(
      'bring everything up in a folder of its own (`wikistead-demo` beside the usual one), make a first wiki of each engine, and say where they are',
    )
    .option('--once', 'stop again when the wikis were seen to serve')
    .option('--no-mediawiki', 'a FedWiki site only')
    .action(async (options: Options) => {
      const out = new Output(options, env)
      const configure = (settings: Options = {}, onNote?: (note: ConfigNote) => void) =>
        configOf(options, env, {
          defaults: { 'data-folder': demoFolder(env), 'temporal-port': '0', ...settings },
          ...(onNote && { onNote }),
        })
      // Once, and not again for each of the demo's own settings.
      configure({}, (note) => out.note(note))
      // npm runs a shell that runs this, and hands on to the shell what is to stop this.
      if (env['npm_command'] !== undefined) endWithAncestors()
      const { runDemo } = await import('../../demo/run-demo.ts')
      await runDemo(configure, {
        ...{ env, out, once: options['once'] === true },
        mediawiki: options['mediawiki'] !== false,
      })
    })
}

/** Beside the folder of a `start` that is in earnest. */
function demoFolder({ XDG_DATA_HOME: data = '', HOME: home = '' }: Environment): string | undefined {
  if (isAbsolute(data)) return join(data, 'wikistead-demo')
  return isAbsolute(home) ? join(home, '.local/share/wikistead-demo') : undefined
}
