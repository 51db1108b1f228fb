import { FirstSignIn } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../api-place.ts'
import { findWiki } from '../find-wiki.ts'
import { openClient } from '../open-client.ts'
import type { Environment, Options } from '../setting-flags.ts'

export function addFirstSignIn(program: Command, env: Environment): void {
  withApi(program.command('first-sign-in'))
    .description('tell the one-time password of your new MediaWiki wiki, once')
    .argument('<wiki>', 'its slug or id')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant)
      const path = `/v1/wikis/${String(id)}/first-sign-in`
      const { url, user, password } = await api.ask({ method: 'POST', path, answer: FirstSignIn })
      out.done(
        { url, user, password },
        `Sign in as ${user} at ${url}`,
        `with this password, which is told only now and works once: ${password}`,
      )
    })
}
