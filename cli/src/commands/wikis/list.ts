import { engines, User, wikiStatuses, WikiList, type Wiki } from '@wikistead/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

const longestPage = 200

export function addList(program: Command, env: Environment): void {
  withApi(program.command('list'))
    .description('list wikis, newest first')
    .option('--mine', 'yours only')
    .addOption(new Option('--status <status>', 'only those').choices(wikiStatuses))
    .addOption(new Option('--engine <engine>', 'only those').choices(engines))
    .option('--q <text>', 'with this in their name or address')
    .option('--limit <number>', 'so many at most', wholeNumber, 50)
    .option('--all', 'all of them, whatever --limit says')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { mine, status, engine, q, limit, all } = options
      const most = all === true ? Infinity : (limit as number)
      const query = new URLSearchParams()
      if (mine === true) {
        query.set('owner', String((await api.ask({ path: '/v1/users/me', answer: User })).id))
      }
      for (const [name, value] of Object.entries({ status, engine, q })) {
        if (typeof value === 'string') query.set(name, value)
      }
      const wikis: Wiki[] = []
      let cursor: string | null = null
      do {
        query.set('limit', String(Math.min(most - wikis.length, longestPage)))
        if (cursor !== null) query.set('cursor', cursor)
        const page: WikiList = await api.ask({ path: `/v1/wikis?${String(query)}`, answer: WikiList })
        for (const wiki of page.wikis) out.event('wiki', wiki)
        wikis.push(...page.wikis)
        cursor = page.next_cursor
      } while (cursor !== null && wikis.length < most)
      const more = cursor === null ? [] : ['There are more: --all lists them.']
      out.done({ count: wikis.length, more: cursor !== null }, ...table(wikis, out.width), ...more)
    })
}

function table(wikis: readonly Wiki[], width: number): string[] {
  if (wikis.length === 0) return ['No wikis.']
  return columns(
    [
      ['ID', 'NAME', 'ENGINE', 'OWNER', 'STATE', 'URL'],
      ...wikis.map((wiki) => [
        ...[String(wiki.id), wiki.name, wiki.engine, wiki.owner.name, wordOf(wiki), wiki.url],
      ]),
    ],
    width,
  )
}

function wordOf({ status, serving, suspension }: Wiki): string {
  if (suspension !== null) return 'suspended'
  return status === 'active' && serving !== 'active' ? serving : status
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 1.')
}
