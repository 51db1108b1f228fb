/** `wikistead template build|check`: the folder that every new MediaWiki wiki is a copy of. */
import { resolve } from 'node:path'
import type { Part } from '@wikistead/config'
import { Option, type Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { quoted } from '../../commands-in-words.ts'
import { Output } from '../../output.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

export function addTemplate(program: Command, env: Environment): void {
  const template = program.command('template').description('what every new MediaWiki wiki is a copy of')
  withJson(withSettings(template.command('build')))
    .description(
      'make a template from a MediaWiki: the one in `WIKISTEAD_MEDIAWIKI`, or that of the Debian mirror which this machine uses; an older template is replaced, and its `FarmSettings.php` kept',
    )
    .option('--target <dir>', 'where (default: `wikifarm-template`)')
    .option('--thin', 'links to one MediaWiki that all wikis share, instead of a copy for each')
    .addOption(
      new Option(
        '--core <dir>',
        'that MediaWiki, made when missing (default: the target with `-core` at its end)',
      ).implies({ thin: true }),
    )
    .action(async (options: Options) => {
      const out = new Output(options, env)
      const config = configOf(options, env, { uses: templateParts, onNote: (note) => out.note(note) })
      const { target = config.wikifarmTemplate, thin = false, core } = options as BuildOptions
      if (target === undefined) throw folderMissing('--target DIR')
      const { buildConfiguredTemplate } = await import('@wikistead/server/template')
      const built = await buildConfiguredTemplate(config, {
        ...{ target, thin, core, env },
        onNote: (message) => {
          out.line(message)
          out.event('progress', { message })
        },
      })
      const { kept, left } = built.extensions
      out.done(
        {
          ...{ path: built.path, mediawiki_version: built.mediawikiVersion, core: built.core ?? null },
          ...{ extensions_kept: kept, extensions_left: left },
        },
        `${built.path} is a template of MediaWiki ${built.mediawikiVersion}.`,
        ...(kept.length === 0 ? [] : [`Kept of the one before: ${kept.join(', ')}.`]),
        ...(left.length === 0
          ? []
          : [
              `Not taken over, as they were of another MediaWiki: ${left.join(', ')}. Put those of this one there.`,
            ]),
        ...(built.core === undefined ? [] : [`Its wikis share ${built.core}: they break when it goes.`]),
        `See what is wrong with it, if anything: wikistead template check ${quoted(built.path)}`,
      )
    })

  withJson(withSettings(template.command('check')))
    .description(
      'say what is wrong with a template, and what mends it, as PHP’s user; exits 6 while no wiki can be made of it',
    )
    .argument('[dir]', 'the template (default: `wikifarm-template`)')
    .action(async (given: string | undefined, options: Options) => {
      const out = new Output(options, env)
      const config = configOf(options, env, { uses: templateParts, onNote: (note) => out.note(note) })
      const folder = given ?? config.wikifarmTemplate
      if (folder === undefined) throw folderMissing('DIR')
      const { checkTemplateAsPhpUser } = await import('@wikistead/server/template')
      const checked = await checkTemplateAsPhpUser(config, folder, env['PATH'] ?? '')
      const { mediawikiVersion, thin, problems } = checked
      for (const { problem, mend, isDoubt = false } of problems) {
        out.event('problem', { problem, mend, needed: !isDoubt })
        out.line(`${isDoubt ? out.paint('yellow', 'doubt ') : out.paint('red', 'not ok')}  ${problem}`)
        out.line(`        → ${mend}`)
      }
      const grave = problems.filter(({ isDoubt = false }) => !isDoubt)
      if (grave.length > 0) {
        const message = `No wiki can be made of ${folder}: ${String(grave.length)} not ok.`
        throw new CommandFailure('setup', message, { code: 'not_ok' })
      }
      out.done(
        { path: resolve(folder), mediawiki_version: mediawikiVersion ?? null, thin },
        `${folder} is ok: ${thin ? 'thin, ' : ''}MediaWiki ${mediawikiVersion ?? ''}.`,
      )
    })
}

/** A machine that only makes the template needs nothing of what runs the wikis, and no secret. */
const templateParts: readonly Part[] = []

interface BuildOptions {
  readonly target?: string
  readonly thin?: boolean
  readonly core?: string
}

function folderMissing(how: string): CommandFailure {
  return new CommandFailure('usage', `Which folder? Say ${how}, or set wikifarm-template.`)
}
