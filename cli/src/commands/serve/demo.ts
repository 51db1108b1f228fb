import { existsSync } from 'node:fs'
import type { ConfigNote } from '@wikistead/config'
import type { Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { demoFolder } from '../../demo-folder.ts'
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
      // Said before anything is loaded that takes its time.
      const message = whatComes(configure().dataFolder, options['mediawiki'] !== false)
      out.event('note', { message })
      out.line(message)
      const { runDemo } = await import('../../demo/run-demo.ts')
      await runDemo(configure, {
        ...{ env, out, once: options['once'] === true },
        mediawiki: options['mediawiki'] !== false,
      })
    })
}

/** What the demo will do, and about how long it takes on a machine of two cores. */
function whatComes(dataFolder: string, mediawiki: boolean): string {
  const parts = `the store, Temporal and a FedWiki farm${mediawiki ? ', MariaDB, PHP and MediaWiki' : ''}`
  const wikis = mediawiki ? 'a first wiki of each engine' : 'a first site'
  const first = mediawiki
    ? 'The first time it installs what is missing and takes a few minutes; later ones take less than one.'
    : 'The first time may download a Temporal and takes about a minute; later ones take seconds.'
  const again = 'What an earlier run made is taken up again; it takes less than a minute.'
  return `The demo brings up ${parts} in ${dataFolder}, and makes ${wikis}. ${existsSync(dataFolder) ? again : first}`
}
