/** `wikistead status`: whether the API and its parts are up, and what troubles the farm, on one screen. */
import { AlarmList, Farm, Readiness, TaskList, type Alarm } from '@wikistead/contracts'
import type { Command } from 'commander'
import type { ApiClient } from '../../api-client.ts'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { CommandFailure } from '../../errors.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { alarmLines } from './alarms.ts'

export function addStatus(program: Command, env: Environment): void {
  withApi(program.command('status'))
    .description(
      'say what is up and what is down, and for operators what is under way and what is wrong; exits 1 while something is down',
    )
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { version } = await api.ask({ path: '/v1/farm', answer: Farm })
      const { status, parts } = await api.ask({ path: '/readyz', answer: Readiness, alsoStatus: 503 })
      for (const part of parts) out.event('part', part)
      const alarms = await forOperators(alarmsOf(api))
      const tasks = await forOperators(runningTasks(api))
      for (const line of [
        `Wikistead ${version} at ${api.url}: ${status}`,
        ...columns(
          parts.map(({ part, ok, detail }) => [`  ${part}`, ok ? 'up' : 'down', detail]),
          out.width,
        ),
        ...parts.flatMap(({ part, ok, mend }) => (ok || mend === undefined ? [] : [`  ${part}: ${mend}`])),
        ...(tasks === undefined ? [] : [`Tasks under way: ${tasks}`]),
        ...(alarms === undefined
          ? []
          : alarms.length === 0
            ? ['Nothing is wrong.']
            : alarms.flatMap(alarmLines)),
      ]) {
        out.line(line)
      }
      if (status === 'down') throw new CommandFailure('fault', 'It is down.', { code: 'down' })
      out.done({ url: api.url, version, status, tasks, alarms: alarms?.length })
    })
}

const alarmsOf = async (api: ApiClient): Promise<readonly Alarm[]> =>
  (await api.ask({ path: '/v1/alarms', answer: AlarmList })).alarms

/** e.g. `3`, `200 or more` */
async function runningTasks(api: ApiClient): Promise<string> {
  const { tasks, next_cursor: more } = await api.ask({
    path: '/v1/tasks?status=running&limit=200',
    answer: TaskList,
  })
  return `${String(tasks.length)}${more === null ? '' : ' or more'}`
}

/** Undefined for who may not know, and while the store is away. */
async function forOperators<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CommandFailure && (error.exit === 'refused' || error.exit === 'fault'))
      return undefined
    throw error
  }
}
