import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addOwnerLink(program: Command, env: Environment): void {
  withApi(program.command('owner-link'))
    .description(
      "a link that signs a site's owner in, once and within 15 minutes; for the embedded farm only",
    )
    .argument('<wiki>', 'its id, site name or domain')
    .action(async (meant: string, options: Options) => {
      const { api, out, dataFolder } = await openClient(options, env)
      const { id, address, url } = await findWiki(api, meant, 'fedwiki')
      const { ownerLinkFrom } = await import('@wikistead/server')
      if (dataFolder === undefined) {
        throw new CommandFailure('usage', 'Owner links are of a data folder: name it with --data-folder.')
      }
      const link = await ownerLinkFrom(dataFolder, url)
      out.done({ wiki_id: id, address, owner_link: link }, link)
    })
}
