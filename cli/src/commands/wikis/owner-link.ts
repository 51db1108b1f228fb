import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import { clientParts, configOf, type Environment, type Options } from '../../setting-flags.ts'

export function addOwnerLink(program: Command, env: Environment): void {
  withApi(program.command('owner-link'))
    .description(
      "a link that signs a site's owner in, once and within 15 minutes; for the embedded farm only",
    )
    .argument('<wiki>', 'its id, site name or domain')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { dataFolder } = configOf(options, env, { uses: clientParts })
      const { id, address, url } = await findWiki(api, meant)
      const { ownerLinkFrom } = await import('@wikistead/server')
      const link = await ownerLinkFrom(dataFolder, url)
      out.done({ wiki_id: id, address, owner_link: link }, link)
    })
}
