import { InstanceList } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addInstances(program: Command, env: Environment): void {
  withApi(program.command('instances'))
    .description('list the processes of the farm, with where they run and their builds, for operators')
    .option('--all', 'also those that ended within a day')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { instances, builds } = await api.ask({
        path: `/v1/instances?all=${options['all'] === true ? '1' : '0'}`,
        answer: InstanceList,
      })
      for (const each of instances) out.event('instance', each)
      const rows = instances.map(({ role, host, machine, address, version, build, ...each }) => [
        ...[host === null ? role : `${role} ${host}`, machine, address ?? '-', `${version} (${build})`],
        ...[inWords[each.state](moment(each.ended_at ?? each.seen_at)), `since ${moment(each.began_at)}`],
      ])
      out.done(
        { count: instances.length, builds },
        ...columns([['ROLE', 'MACHINE', 'ADDRESS', 'BUILD', 'STATE', ''], ...rows], out.width),
        ...(builds.length > 1
          ? [
              `Different builds run side by side: ${builds.join(', ')}. Go on with the upgrade until there is one.`,
            ]
          : []),
      )
    })
}

const inWords = {
  alive: () => 'alive',
  without_temporal: () => 'cannot reach Temporal',
  silent: (at: string) => `silent since ${at}`,
  ended: (at: string) => `ended ${at}`,
} as const
