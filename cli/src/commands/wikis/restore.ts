import { TaskAccepted, Wiki } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addRestore(program: Command, env: Environment): void {
  withApi(program.command('restore'))
    .description('bring a deleted wiki back, within its undo window')
    .argument('<wiki>', 'its id, site name or domain')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant)
      const path = `/v1/wikis/${String(id)}`
      const { task_id: taskId } = await api.startTask({ path: `${path}/restore`, answer: TaskAccepted })
      await showTask({ api, taskId, out })
      const wiki = await api.ask({ path, answer: Wiki })
      out.done({ task_id: taskId, wiki }, `${wiki.address} is back: ${wiki.url}`)
    })
}
