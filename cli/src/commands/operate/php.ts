/** `wikistead php …`: whom each wiki's PHP runs as on this host, and php-fpm's pools for them. */
import type { Part } from '@wikistead/config'
import { InvalidArgumentError, type Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { Output } from '../../output.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

export function addPhp(program: Command, env: Environment): void {
  const php = program.command('php').description('the users that run the PHP of this host’s wikis')

  withJson(withSettings(php.command('pools')))
    .description('php-fpm’s pools, one a wiki, each as the wiki’s own user; for `pool.d` of a php-fpm')
    .option('--write <file>', 'there, in one step, and only if it changes; else they are printed')
    .option('--sockets <dir>', 'where php-fpm makes the sockets', '/run/php/wikis')
    .option('--web-user <name>', 'the web server’s user, which alone connects', 'www-data')
    .option('--workers <number>', 'requests of one wiki at the same time', workers, 4)
    .action(async (options: Options) => {
      const out = new Output(options, env)
      const config = configOf(options, env, { uses: parts, onNote: (note) => out.note(note) })
      const { sockets, webUser, workers, write } = options as Options & PoolOptions
      const { poolsFor, wikiUsersOfHost, writePools } = await import('@wikistead/server/php')
      const users = await wikiUsersOfHost(config)
      const pools = poolsFor(users, { sockets, webUser, workers })
      for (const { slug, user, isCommon } of users) out.event('wiki', { slug, ...user, own: !isCommon })
      if (write === undefined) {
        out.line(pools)
        out.done({ count: users.length, pools })
        return
      }
      const changed = await writePools(write, pools)
      out.done(
        { count: users.length, file: write, changed },
        changed
          ? `${write} has the pools of ${String(users.length)} wikis: reload php-fpm.`
          : `${write} is as it should be.`,
      )
    })

  withJson(withSettings(php.command('give')))
    .description('give a wiki of this host another user of PHP; can be repeated; as root')
    .argument('<slug>', 'the wiki’s')
    .option('--to <user>', 'a name, or `uid:gid` (default: the one that a new wiki would get)')
    .action(async (slug: string, options: Options) => {
      const out = new Output(options, env)
      const config = configOf(options, env, { uses: [...parts, 'store'], onNote: (note) => out.note(note) })
      const { giveWiki } = await import('@wikistead/server/php')
      const { user, isCommon } = await giveWiki(config, slug, (options as { readonly to?: string }).to)
      const who = `${String(user.uid)}:${String(user.gid)}`
      out.done(
        { slug, ...user, own: !isCommon },
        `The PHP of ${slug} runs as ${who}.`,
        ...(isCommon ? [] : ['Write php-fpm’s pools anew (`wikistead php pools`), and reload php-fpm.']),
      )
    })
}

const parts: readonly Part[] = ['mediawiki']

interface PoolOptions {
  readonly sockets: string
  readonly webUser: string
  readonly workers: number
  readonly write?: string
}

function workers(given: string): number {
  if (/^[1-9]\d{0,3}$/.test(given)) return Number(given)
  throw new InvalidArgumentError('It is a number from 1 to 9999.')
}
