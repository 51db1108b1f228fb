/** `wikistead rotate`: secrets that are changed while everything goes on. Whoever may write their files may do it. */
import type { Part } from '@wikistead/config'
import type { Command } from 'commander'
import { withJson } from '../api-place.ts'
import { Output } from '../output.ts'
import { configOf, withSettings, type Environment, type Options } from '../setting-flags.ts'

const everywhere = [
  '--everywhere',
  'the other machines that have the file of the secret have it as it is now',
] as const

export function addRotate(program: Command, env: Environment): void {
  const rotate = program
    .command('rotate')
    .description('change a secret while everything goes on; a run that was cut off is gone on with')

  withJson(withSettings(rotate.command('service-secret')))
    .description(
      'change what the hub’s extension signs with, on the machine that holds the hub; `wikifarm-service-secret-file` holds it',
    )
    .option(...everywhere)
    .action(async (options: Options) => {
      const { config, out, told } = begin(options, env, ['store', 'mediawiki', 'hub'])
      const { rotateServiceSecret } = await import('@wikistead/server/rotate')
      await rotateServiceSecret(config, told)
      out.done({ rotated: 'service-secret' }, 'The service secret is another one.')
    })

  withJson(withSettings(rotate.command('farm-token')))
    .description(
      'change the token by which the FedWiki farm lets Wikistead in; `fedwiki-admin-token-file` holds it, or the data folder that of the embedded farm',
    )
    .option(...everywhere)
    .action(async (options: Options) => {
      const { config, out, told } = begin(options, env, ['store', 'fedwiki'])
      const { rotateFarmToken } = await import('@wikistead/server/rotate')
      await rotateFarmToken(config, told)
      out.done({ rotated: 'farm-token' }, 'The token of the farm is another one.')
    })

  withJson(withSettings(rotate.command('site-cookies')))
    .description(
      'change the secret of the cookies on the sites of the embedded FedWiki farm: whoever is signed in there must sign in again',
    )
    .action(async (options: Options) => {
      const { config, out } = begin(options, env, ['store', 'fedwiki'])
      const { rotateCookies } = await import('@wikistead/server/rotate')
      const when = await rotateCookies(config)
      out.done(
        { rotated: 'site-cookies', when },
        when === 'renewed'
          ? 'The farm was started anew with another secret; visitors have waited meanwhile.'
          : 'No farm runs here: the next one takes another secret.',
      )
    })
}

function begin(options: Options, env: Environment, uses: readonly Part[]) {
  const out = new Output(options, env)
  const config = configOf(options, env, { uses, onNote: (note) => out.note(note) })
  const onStep = (step: string, message: string) => {
    out.event('progress', { step, message })
    out.line(message)
  }
  return { config, out, told: { everywhere: options['everywhere'] === true, onStep } }
}
