import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { findWiki } from '../../find-wiki.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addShow(program: Command, env: Environment): void {
  withApi(program.command('show'))
    .description('show one wiki')
    .argument('<wiki>', 'its id, site name or domain')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const wiki = await findWiki(api, meant)
      const rows = [
        ['id', String(wiki.id)],
        ['address', wiki.address],
        ['url', wiki.url],
        ['name', wiki.name],
        ['engine', wiki.engine],
        ['status', wiki.status],
        ['serving', wiki.serving],
        ['visibility', wiki.visibility],
        ['owner', `${wiki.owner.name} (user ${String(wiki.owner.id)})`],
        ['created', moment(wiki.created_at)],
        ['changed', moment(wiki.updated_at)],
        ...(wiki.purge_after === null ? [] : [['restorable until', moment(wiki.purge_after)]]),
        ...(wiki.suspension === null
          ? []
          : [
              ['suspended', `${moment(wiki.suspension.since)}: ${wiki.suspension.reason}`],
              ...(wiki.suspension.in_effect ? [] : [['', 'The wiki has still to be told.']]),
            ]),
        ...(wiki.task_id === null ? [] : [['task', wiki.task_id]]),
      ]
      out.done({ wiki }, ...columns(rows))
    })
}
