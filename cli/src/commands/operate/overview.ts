import { Overview } from '@wikistead/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addOverview(program: Command, env: Environment): void {
  withApi(program.command('overview'))
    .description('show how the farm has grown and how long creations took, for operators')
    .option('--days <number>', 'how far to look back', lookBack, 30)
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const days = String(options['days'])
      const overview = await api.ask({ path: `/v1/overview?days=${days}`, answer: Overview })
      out.event('overview', overview)
      const { now, samples, creations } = overview
      const counts = Object.entries(now).map(([what, count]) => {
        const before = samples.find(({ sample }) => sample === what)?.points[0]
        const grown = before === undefined ? '' : signed(count - before.value)
        return [what, String(count), grown]
      })
      const times = creations.map(
        ({ engine, at, count, median_seconds: median, slowest_seconds: slowest }) => [
          ...[at.slice(0, 16).replace('T', ' '), engine, String(count)],
          ...[`${median.toFixed(1)} s`, `${slowest.toFixed(1)} s`],
        ],
      )
      out.done(
        { days: Number(days) },
        ...columns([['WHAT', 'NOW', `IN ${days} DAYS`], ...counts]),
        ...(times.length === 0
          ? []
          : ['', ...columns([['CREATED SINCE', 'ENGINE', 'WIKIS', 'MEDIAN', 'SLOWEST'], ...times])]),
      )
    })
}

const signed = (change: number): string => (change > 0 ? `+${String(change)}` : String(change))

function lookBack(value: string): number {
  if (/^[1-9]\d{0,2}$/.test(value) && Number(value) <= 730) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 1 to 730.')
}
