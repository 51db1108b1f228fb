import { AlarmList, type Alarm } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addAlarms(program: Command, env: Environment): void {
  withApi(program.command('alarms'))
    .description('show what is wrong with the farm, and what mends it')
    .option('--clear <id>', 'take this one away; what still holds is raised again')
    .option('--all', 'also what is over: what broke and healed, from when to when, and how often')
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
        ...(alarms.length === 0 ? ['Nothing is wrong.'] : alarms.flatMap(alarmLines)),
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
  times,
}: Alarm): string[] {
  const over = cleared === null ? '' : `, over since ${moment(cleared)}`
  const often = times === null ? '' : `, ${String(times)} ${times === 1 ? 'time' : 'times'}`
  return [
    `alarm ${String(id)}: ${code} (${subject}) since ${moment(since)}${over}${often}`,
    `  ${message}`,
    ...(cleared === null ? [`  ${mend.replaceAll('--clear ID', `--clear ${String(id)}`)}`] : []),
  ]
}
