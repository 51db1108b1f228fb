/** What the doctor learns from the API, when one runs: its own readiness, the schedule, the alarms. */
import { formatDuration, type Config } from '@wikistead/config'
import { AlarmList, Readiness, SyncSchedule } from '@wikistead/contracts'
import type { Check } from '@wikistead/server'
import { ApiClient } from './api-client.ts'
import { findApi } from './api-place.ts'
import { CommandFailure } from './errors.ts'
import { examineAudit } from './examine-audit.ts'
import type { Environment, Options } from './setting-flags.ts'

export async function* examineApi(config: Config, options: Options, env: Environment): AsyncGenerator<Check> {
  let api: ApiClient
  try {
    api = new ApiClient(await findApi(options, env))
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exit === 'usage') throw error
    const { next: mend = '' } = error.details
    yield { check: 'api', ok: false, needed: true, detail: error.message, mend }
    return
  }
  const ready = await readiness(api)
  if (!Array.isArray(ready)) {
    yield ready
    return
  }
  yield* ready
  try {
    const { alarms } = await api.ask({ path: '/v1/alarms', answer: AlarmList })
    yield { check: 'alarms', ok: alarms.length === 0, needed: true, detail: `${String(alarms.length)} open` }
    for (const { code, subject, message, mend } of alarms) {
      yield { check: `alarm ${code}`, ok: false, needed: true, detail: `${subject}: ${message}`, mend }
    }
    yield await examineAudit(config, api)
    yield compared(config, await api.ask({ path: '/v1/fedwiki/sync', answer: SyncSchedule }))
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    const { next: mend } = error.details
    yield {
      ...{ check: 'api access', ok: false, needed: false, detail: error.message },
      ...(mend !== undefined && { mend }),
    }
  }
}

async function readiness(api: ApiClient): Promise<Check | Check[]> {
  let ready: Readiness
  try {
    ready = await api.ask({ path: '/readyz', answer: Readiness, alsoStatus: 503, patienceMs: 10_000 })
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    const { code, next } = error.details
    const check = { check: 'api', needed: true, detail: error.message, mend: next ?? '' }
    return code === 'ECONNREFUSED' || api.url.endsWith(':0')
      ? { check: 'api', ok: true, needed: false, detail: 'not running; `wikistead start` runs it' }
      : { ...check, ok: false }
  }
  return [
    { check: 'api', ok: ready.status !== 'down', needed: true, detail: `${ready.status}, at ${api.url}` },
    ...ready.parts.map(({ part, ok, detail, mend }) => ({
      ...{ check: `api: ${part}`, ok, needed: true, detail },
      ...(mend !== undefined && { mend }),
    })),
  ]
}

/** An operator may have changed the schedule; whoever reads the configuration should know. */
function compared(config: Config, schedule: SyncSchedule): Check {
  const { enabled, interval_seconds: seconds, default_user_id: userId, paused, note } = schedule
  const every = `every ${formatDuration(seconds * 1_000)}`
  // Where the configuration says nothing, a schedule is an operator's, and as they want it.
  const isOperators = config.fedwikiSyncEnabled === undefined && enabled
  const differences = [
    ...(isOperators || enabled === (config.fedwikiSyncEnabled ?? false)
      ? []
      : [`it is ${enabled ? 'on' : 'off'}`]),
    ...(isOperators || !enabled || seconds * 1_000 === config.fedwikiSyncInterval
      ? []
      : [`it runs ${every}`]),
    ...(!enabled || userId === (config.fedwikiSyncDefaultUserId ?? userId)
      ? []
      : [`stray sites go to user ${String(userId)}`]),
    ...(paused ? [`it is paused: ${note}`] : []),
  ]
  const check = { check: 'sync schedule', needed: false }
  if (differences.length === 0) {
    return { ...check, ok: true, detail: isOperators ? `an operator's, ${every}` : 'as configured' }
  }
  return {
    ...{ ...check, ok: false, detail: `other than configured: ${differences.join('; ')}` },
    mend: 'If that is not meant: see `wikistead sync`, or PUT /v1/fedwiki/sync.',
  }
}
