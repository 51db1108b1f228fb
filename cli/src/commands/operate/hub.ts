import { TaskAccepted, Wiki } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addHub(program: Command, env: Environment): void {
  const hub = program.command('hub').description('the wiki whose accounts the others share, for operators')

  withApi(hub.command('create'))
    .description('make it: a MediaWiki wiki whose database is wiki-shared-db-name')
    .argument('<slug>', 'where it is; with underscores for hyphens it is the name of its database')
    .option('--name <text>', "the hub's name", 'Hub')
    .option('--language <code>', 'its language', 'en')
    .option('--owner-name <text>', "the founder's account; your own name when left out")
    .action(async (slug: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { name, language, ownerName } = options
      const { task_id: taskId } = await api.startTask({
        path: '/v1/wikis',
        body: { engine: 'mediawiki', slug, name, language, owner_name: ownerName, hub: true },
        answer: TaskAccepted,
      })
      const end = await showTask({ api, taskId, out })
      const wiki = await api.ask({ path: `/v1/wikis/${String(end.wiki_id)}`, answer: Wiki })
      out.done(
        { task_id: taskId, wiki, warning: end.warning },
        `The hub is ready: ${wiki.url}`,
        ...(end.warning === undefined ? [] : [`Warning: ${end.warning}`]),
      )
    })
}
