/** `wikistead rotate`: secrets that are changed while everything goes on. Whoever may write their files may do it. */
import type { Part } from '@wikistead/config'
import type { Command } from 'commander'
import type { HostProgress, HostState } from '@wikistead/server/rotate'
import { withJson } from '../../api-place.ts'
import { Output } from '../../output.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

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

  withJson(withSettings(rotate.command('wiki-database-passwords')))
    .description(
      'change the password of every MediaWiki wiki’s user of MariaDB; each host sees to its own, also when this command has ended',
    )
    .option('--no-wait', 'do not wait for the hosts')
    .action(async (options: Options) => {
      const { config, out } = begin(options, env, ['store'])
      const { rotateWikiPasswords } = await import('@wikistead/server/rotate')
      const waits = options['wait'] !== false
      const onProgress = (progress: readonly HostProgress[]) => {
        for (const { host, wikis, state } of progress) {
          out.event('progress', { host, wikis, ...state })
          out.line(
            state === undefined ? `${host}: has not begun, ${String(wikis)} wikis` : inWords(host, state),
          )
        }
      }
      await rotateWikiPasswords(config, waits ? onProgress : undefined)
      out.done(
        { rotated: 'wiki-database-passwords', waited: waits },
        waits ? 'Every wiki has another password.' : 'The hosts see to it: each wiki gets another password.',
      )
    })

  withJson(withSettings(rotate.command('oidc-keys')))
    .description(
      'have every API sign with another key, where Wikistead is the OpenID provider itself; nobody is signed out',
    )
    .action(async (options: Options) => {
      const { config, out } = begin(options, env, ['store'])
      const { rotateOpenidKeys } = await import('@wikistead/server/rotate')
      await rotateOpenidKeys(config)
      out.done(
        { rotated: 'oidc-keys' },
        'Every API makes another key within a minute, tells of it, and signs with it ten minutes later; the old one is told of for an hour more.',
      )
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

const inWords = (host: string, { done, waiting, left }: HostState): string =>
  `${host}: ${String(done)} done, ${String(waiting)} with both passwords until the old one goes, ${String(left)} to be tried again`

function begin(options: Options, env: Environment, uses: readonly Part[]) {
  const out = new Output(options, env)
  const config = configOf(options, env, { uses, onNote: (note) => out.note(note) })
  const onStep = (step: string, message: string) => {
    out.event('progress', { step, message })
    out.line(message)
  }
  return { config, out, told: { everywhere: options['everywhere'] === true, onStep } }
}
