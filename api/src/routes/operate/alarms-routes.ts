import { AlarmList, Refusal } from '@wikistead/contracts'
import { z } from 'zod'
import type { ApiDeps } from '../../deps.ts'
import { presentAlarm } from '../../answers/present.ts'
import { refused, type Routes } from '../../routes.ts'

export function alarmRoutes(routes: Routes, { store }: ApiDeps): void {
  routes.get(
    '/v1/alarms',
    {
      schema: {
        tags: ['operations'],
        summary: 'Standing troubles and what clears each',
        querystring: z.object({ all: z.enum(['0', '1']).default('0').describe('Cleared ones too') }),
        response: { 200: AlarmList, ...refused },
      },
    },
    async (request) => {
      const rows = request.query.all === '1' ? await store.alarms.recent() : await store.alarms.open()
      return { alarms: rows.map(presentAlarm) }
    },
  )

  routes.post(
    '/v1/alarms/:id/clear',
    {
      schema: {
        tags: ['operations'],
        summary: 'Take an alarm away; what still holds is raised again',
        params: z.object({ id: z.coerce.number().int().positive() }),
        response: { 200: AlarmList, ...refused },
      },
    },
    async (request) => {
      const alarm = (await store.alarms.open()).find(({ alarm_id: id }) => id === request.params.id)
      if (alarm === undefined) throw new Refusal('alarm_not_found', 'There is no such open alarm.')
      await store.alarms.clear(alarm.code, alarm.subject)
      return { alarms: (await store.alarms.open()).map(presentAlarm) }
    },
  )
}
