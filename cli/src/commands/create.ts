import { TaskAccepted, Wiki } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../api-place.ts'
import { openClient } from '../open-client.ts'
import type { Environment, Options } from '../setting-flags.ts'
import { showTask } from '../show-task.ts'

export function addCreate(program: Command, env: Environment): void {
  withApi(program.command('create'))
    .description('make a FedWiki site, and watch it come alive')
    .argument('<name>', 'a site name, or with --custom-domain a whole domain')
    .option('--custom-domain', 'the name is a domain of your own, proven by a DNS TXT record')
    .option('--name <text>', "the wiki's name in lists; its domain when left out")
    .option('--owner-name <text>', "the owner's name on the site; your own when left out")
    .action(async (domain: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { customDomain = false, name, ownerName } = options
      const { task_id: taskId } = await api.startTask({
        path: '/v1/wikis',
        body: { engine: 'fedwiki', domain, custom_domain: customDomain, name, owner_name: ownerName },
        answer: TaskAccepted,
      })
      const end = await showTask({ api, taskId, out })
      const wiki = await api.ask({ path: `/v1/wikis/${String(end.wiki_id)}`, answer: Wiki })
      const warning = end.warning === undefined ? [] : [`Warning: ${end.warning}`]
      out.done(
        { task_id: taskId, wiki, warning: end.warning },
        `${wiki.address} is ready: ${wiki.url}`,
        ...warning,
      )
    })
}
