import { TaskAccepted, WikiList } from '@wikistead/contracts'
import type { Command } from 'commander'
import type { ApiClient } from '../../api-client.ts'
import { withApi } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addReindex(program: Command, env: Environment): void {
  withApi(program.command('reindex'))
    .description('make what finds the pages of MediaWiki wikis again, under today’s names; for operators')
    .argument('[wikis...]', 'ids or slugs')
    .option('--all', 'every MediaWiki wiki that is in service, one after the other')
    .action(async (meant: readonly string[], options: Options) => {
      const all = options['all'] === true
      if (all === meant.length > 0) throw new CommandFailure('usage', 'Name wikis, or say --all.')
      const { api, out } = await openClient(options, env)
      const ids = all ? await standing(api) : await idsOf(api, meant)
      for (const id of ids) {
        const path = `/v1/wikis/${String(id)}/reindex`
        const { task_id: taskId } = await api.startTask({ path, answer: TaskAccepted })
        await showTask({ api, taskId, out })
      }
      out.done(
        { wiki_ids: ids },
        `${String(ids.length)} ${ids.length === 1 ? 'wiki is' : 'wikis are'} indexed.`,
      )
    })
}

async function idsOf(api: ApiClient, meant: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = []
  for (const each of meant) ids.push((await findWiki(api, each)).id)
  return ids
}

/** What is suspended has nobody who searches it, and is left for later. */
async function standing(api: ApiClient): Promise<readonly number[]> {
  const query = new URLSearchParams({ engine: 'mediawiki', status: 'active', limit: '200' })
  const ids: number[] = []
  let cursor: string | null = null
  do {
    if (cursor !== null) query.set('cursor', cursor)
    const page: WikiList = await api.ask({ path: `/v1/wikis?${String(query)}`, answer: WikiList })
    ids.push(...page.wikis.filter(({ suspension }) => suspension === null).map(({ id }) => id))
    cursor = page.next_cursor
  } while (cursor !== null)
  return ids
}
