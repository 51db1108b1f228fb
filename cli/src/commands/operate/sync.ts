import { formatDuration } from '@wikistead/config'
import { SyncSchedule } from '@wikistead/contracts'
import { Option, type Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ApiClient } from '../../api-client.ts'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { moment } from '../../moment.ts'
import { openClient, type Client } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { inWords, showTask } from '../../show-task.ts'
import { alarmLines } from './alarms.ts'

const path = '/v1/fedwiki/sync'
const Triggered = z.object({ task_id: z.string().nullable() })
/** A sync has no row before a worker takes it up. */
const untilTakenUpMs = 60_000

export function addSync(program: Command, env: Environment): void {
  withApi(program.command('sync'))
    .description('show the sync of FedWiki sites; or pause it, let it go on, run it now')
    .addOption(
      new Option('--pause <note>', 'pause the schedule, and say why').conflicts(['resume', 'now', 'confirm']),
    )
    .addOption(
      new Option('--resume <note>', 'let the schedule go on, and say why').conflicts(['now', 'confirm']),
    )
    .option('--now', 'sync now, and watch it')
    .option('--confirm', 'sync now although many sites are gone: those that the alarm tells of, and no more')
    .action(async (options: Options) => {
      const client = await openClient(options, env)
      const { pause, resume, now, confirm } = options
      if (now === true || confirm === true) return syncNow(client, confirm === true)
      if (typeof pause === 'string') return setPaused(client, 'pause', pause)
      if (typeof resume === 'string') return setPaused(client, 'resume', resume)
      const schedule = await client.api.ask({ path, answer: SyncSchedule })
      client.out.done({ schedule }, ...lines(schedule))
    })
}

async function setPaused({ api, out }: Client, verb: 'pause' | 'resume', note: string): Promise<void> {
  const request = { method: 'POST', path: `${path}/${verb}`, body: { note }, answer: SyncSchedule } as const
  const schedule = await api.ask(request)
  out.done({ schedule }, ...lines(schedule))
}

async function syncNow({ api, out }: Client, confirm: boolean): Promise<void> {
  const answer = await api.ask({
    ...{ method: 'POST', path: `${path}/trigger`, body: { confirm } },
    answer: Triggered,
  })
  const taskId = answer.task_id ?? (await newestRun(api))
  const end = await showTask({ api, taskId, out, unknownForMs: untilTakenUpMs })
  out.done({ task_id: taskId, message: end.message, warning: end.warning }, inWords(end))
}

/** The schedule was asked for a run, and had not said which when the API answered. */
async function newestRun(api: ApiClient): Promise<string> {
  const deadline = performance.now() + untilTakenUpMs
  for (;;) {
    const { last_run: run } = await api.ask({ path, answer: SyncSchedule })
    if (run !== null && run.ended_at === null) return run.id
    if (performance.now() > deadline)
      throw new Error('The sync was asked for, and no worker has taken it up yet.')
    await sleep(250)
  }
}

function lines({ last_run: run, alarms, ...schedule }: SyncSchedule): string[] {
  const every = `every ${formatDuration(schedule.interval_seconds * 1_000)}`
  const state = schedule.paused ? 'paused' : schedule.running ? 'running' : 'waiting'
  const rows = schedule.enabled
    ? [
        ['schedule', `${every}, ${state}`],
        ...(schedule.note === '' ? [] : [['note', schedule.note]]),
        ['next run', schedule.paused ? 'none while it is paused' : moment(schedule.next_run_at)],
        ['stray sites', `go to user ${String(schedule.default_user_id)}`],
      ]
    : [['schedule', 'off; fedwiki-sync-enabled turns it on, or `PUT /v1/fedwiki/sync`']]
  const last =
    run === null ? 'never' : `${run.status} ${moment(run.ended_at ?? run.updated_at)}: ${run.message}`
  return [
    ...columns([...rows, ['last run', last], ...(run === null ? [] : [['its task', run.id]])]),
    ...alarms.flatMap(alarmLines),
  ]
}
