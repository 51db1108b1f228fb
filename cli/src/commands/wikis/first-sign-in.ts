import { FirstSignIn } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { findWiki } from '../../find-wiki.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addFirstSignIn(program: Command, env: Environment): void {
  withApi(program.command('first-sign-in'))
    .description(
      'a link under which you choose your password on your MediaWiki wiki, once and within 15 minutes',
    )
    .argument('<wiki>', 'its slug or id')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant, 'mediawiki')
      const path = `/v1/wikis/${String(id)}/first-sign-in`
      const link = await api.ask({ method: 'POST', path, answer: FirstSignIn })
      out.done(
        link,
        link.url,
        `There you are ${link.user}. It works once, until ${moment(link.expires_at)}; a new one ends it.`,
      )
    })
}
