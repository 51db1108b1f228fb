import { Host, HostList } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addHost(program: Command, env: Environment): void {
  const host = program.command('host').description('machines that hold MediaWiki wikis, for operators')

  withApi(host.command('list'))
    .description('list them, with what they hold and whether they are alive')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { hosts } = await api.ask({ path: '/v1/hosts', answer: HostList })
      for (const each of hosts) out.event('host', each)
      const rows = hosts.map(
        ({ host, wikis, capacity, creations, waiting, draining, alive, seen_at: seen }) => [
          ...[host, String(wikis), capacity === null ? 'no limit' : String(capacity)],
          ...[creations === null ? '' : String(creations), String(waiting)],
          ...[draining ? 'draining' : 'open', alive ? 'alive' : `away since ${moment(seen)}`],
        ],
      )
      const none = 'No hosts. `wikistead worker --host NAME` makes a machine one.'
      out.done(
        { count: hosts.length },
        ...(hosts.length === 0
          ? [none]
          : columns([['HOST', 'WIKIS', 'ROOM FOR', 'AT ONCE', 'WAITING', 'STATE', ''], ...rows])),
      )
    })

  withApi(host.command('drain'))
    .description('give it no new wikis; it keeps those that it has')
    .argument('<name>', 'as `host list` tells it')
    .option('--undo', 'give it new wikis again')
    .action(async (name: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const answered = await api.ask({
        ...{ method: 'PATCH', path: `/v1/hosts/${encodeURIComponent(name)}`, answer: Host },
        body: { draining: options['undo'] !== true },
      })
      out.done(
        { host: answered },
        answered.draining
          ? `${name} gets no new wikis. It holds ${String(answered.wikis)}.`
          : `${name} gets new wikis again.`,
      )
    })

  withApi(host.command('remove'))
    .description('forget one that holds no wiki and does not come back')
    .argument('<name>', 'as `host list` tells it')
    .action(async (name: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { hosts } = await api.ask({
        ...{ method: 'DELETE', path: `/v1/hosts/${encodeURIComponent(name)}`, answer: HostList },
      })
      out.done({ removed: name, hosts: hosts.length }, `${name} is forgotten.`)
    })
}
