import { AlarmList, type Alarm } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addAlarms(program: Command, env: Environment): void {
  withApi(program.command('alarms'))
    .description('show what troubles the farm, and what mends it')
    .option('--clear <id>', 'take this one away; what still holds is raised again')
    .option('--all', 'cleared ones, too')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { clear, all } = options
      if (typeof clear === 'string') {
        const path = `/v1/alarms/${encodeURIComponent(clear)}/clear`
        const { alarms } = await api.ask({ method: 'POST', path, answer: AlarmList })
        out.done({ cleared: clear, open: alarms.length }, `Alarm ${clear} is cleared.`)
        return
      }
      const path = all === true ? '/v1/alarms?all=1' : '/v1/alarms'
      const { alarms } = await api.ask({ path, answer: AlarmList })
      for (const alarm of alarms) out.event('alarm', alarm)
      out.done(
        { count: alarms.length },
        ...(alarms.length === 0 ? ['No alarms.'] : alarms.flatMap(alarmLines)),
      )
    })
}

export function alarmLines({
  id,
  code,
  subject,
  since,
  cleared_at: cleared,
  message,
  mend,
}: Alarm): string[] {
  const over = cleared === null ? '' : `, cleared ${moment(cleared)}`
  return [
    `alarm ${String(id)}: ${code} (${subject}) since ${moment(since)}${over}`,
    `  ${message}`,
    `  ${mend}`,
  ]
}
