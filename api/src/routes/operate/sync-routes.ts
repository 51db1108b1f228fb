import { PutSyncSchedule, SyncNote, SyncSchedule, TriggerSync, parseDuration } from '@wikistead/contracts'
import type { AlarmRow } from '@wikistead/store'
import { SyncControl } from '@wikistead/tasks'
import { z } from 'zod'
import { requireActor } from '../../access/acting.ts'
import type { ApiDeps } from '../../deps.ts'
import { presentAlarm, presentTask } from '../../answers/present.ts'
import { refused, type Routes } from '../../routes.ts'

const Accepted = z.object({ task_id: z.string() })

/** The sync's schedule, for operators. */
export function syncRoutes(routes: Routes, { store, client, runs }: ApiDeps): void {
  const sync = new SyncControl(store, client, runs)
  const answer = async (): Promise<SyncSchedule> => {
    const { info, lastRun, alarms } = await sync.look()
    return {
      enabled: info !== undefined,
      interval_seconds: (info?.intervalMs ?? 0) / 1000,
      default_user_id: info?.defaultUserId ?? 0,
      paused: info?.paused ?? false,
      note: info?.note ?? '',
      running: info?.running ?? false,
      next_run_at: info?.nextRunAt?.toISOString() ?? null,
      last_run: lastRun === undefined ? null : presentTask(lastRun),
      alarms: alarms.map(presentAlarm),
      untrusted: untrustedOf(alarms),
    }
  }
  const schema = { tags: ['fedwiki'], response: { 200: SyncSchedule, ...refused } }

  routes.get('/v1/fedwiki/sync', { schema: { ...schema, summary: 'The schedule and its last run' } }, () =>
    answer(),
  )

  routes.put(
    '/v1/fedwiki/sync',
    {
      schema: {
        ...schema,
        summary: 'Make or change the schedule',
        description:
          'What is changed goes before the configuration, and what is made stands, also after a restart; only an explicit `fedwiki-sync-enabled: false` removes it at the next one.',
        body: PutSyncSchedule,
      },
    },
    async (request) => {
      const { interval, default_user_id: defaultUserId } = request.body
      await sync.change({
        ...(interval !== undefined && { interval: parseDuration(interval) }),
        ...(defaultUserId !== undefined && { defaultUserId }),
      })
      return answer()
    },
  )

  routes.delete(
    '/v1/fedwiki/sync',
    { schema: { ...schema, summary: 'Remove the schedule; restarts leave it removed' } },
    async () => {
      await sync.remove()
      return answer()
    },
  )

  for (const [verb, summary] of [
    ['pause', 'Pause the schedule, with the reason'],
    ['resume', 'Let the schedule go on, with the reason'],
  ] as const) {
    routes.post(
      `/v1/fedwiki/sync/${verb}`,
      { schema: { ...schema, summary, body: SyncNote } },
      async (request) => {
        await sync[verb](request.body.note)
        return answer()
      },
    )
  }

  routes.post(
    '/v1/fedwiki/sync/trigger',
    {
      schema: {
        tags: ['fedwiki'],
        summary: 'Sync now',
        description:
          '`confirm` lets it go on although many sites are gone: as many as the alarm tells of, and no more.',
        body: TriggerSync,
        response: { 202: Accepted, ...refused },
      },
    },
    async (request, reply) => {
      const { user_id: userId } = requireActor(request)
      const taskId = await sync.trigger(userId, { confirm: request.body.confirm })
      return reply.code(202).header('location', `/v1/tasks/${taskId}`).send({ task_id: taskId })
    },
  )
}

/** An alarm from before the sites were told has their number only. */
function untrustedOf(alarms: readonly AlarmRow[]): SyncSchedule['untrusted'] {
  const alarm = alarms.find(({ code }) => code === 'sync_untrusted')
  if (alarm === undefined) return null
  const { missing, sites = [] } = JSON.parse(alarm.detail) as {
    readonly missing: number
    readonly sites?: string[]
  }
  return { missing, sites }
}
