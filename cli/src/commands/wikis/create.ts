import { engines, TaskAccepted, visibilities, Wiki } from '@wikistead/contracts'
import { Option, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addCreate(program: Command, env: Environment): void {
  withApi(program.command('create'))
    .description('make a wiki, and watch it come alive')
    .argument('<name>', 'a site name, or with --custom-domain a whole domain; for MediaWiki the slug')
    .addOption(new Option('--engine <engine>', 'what it runs on').choices(engines).default('fedwiki'))
    .option('--custom-domain', 'the name is a domain of your own, proven by a DNS TXT record')
    .option('--name <text>', "the wiki's name; its domain or slug when left out")
    .option('--owner-name <text>', "the owner's name on it; your own when left out")
    .option('--language <code>', "a MediaWiki wiki's language (default: en)")
    .addOption(new Option('--visibility <word>', 'who may read a MediaWiki wiki').choices(visibilities))
    .action(async (domain: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { task_id: taskId } = await api.startTask({
        path: '/v1/wikis',
        body: bodyOf(domain, options),
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

function bodyOf(asked: string, { engine, customDomain, name, ownerName, language, visibility }: Options) {
  const common = { engine, owner_name: ownerName, visibility }
  return engine === 'mediawiki'
    ? { ...common, slug: asked, name: name ?? asked, language: language ?? 'en' }
    : { ...common, domain: asked, name, custom_domain: customDomain ?? false }
}
