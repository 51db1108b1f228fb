/** `wikistead tasks`: what was asked for, by whom, and how it went. */
import { taskKinds, taskStatuses, TaskList, User, type ListedTask } from '@wikistead/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ApiClient } from '../../api-client.ts'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { findWiki } from '../../find-wiki.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

const longestPage = 200

export function addListTasks(program: Command, env: Environment): void {
  withApi(program.command('tasks'))
    .description('list tasks, newest first: yours, or for operators all')
    .addOption(new Option('--status <status>', 'only those').choices(taskStatuses))
    .addOption(new Option('--kind <kind>', 'only those').choices(taskKinds))
    .option('--wiki <wiki>', 'only those about this wiki')
    .option('--user <id>', 'only what this user asked for, by their id or `me`', userId)
    .option(
      '--since <when>',
      'only from then on: a time like 2026-11-30T06:00Z, or how long ago, like 90m, 6h, 7d',
      (given) => since(given, Date.now()),
    )
    .option('--limit <number>', 'so many at most', wholeNumber, 50)
    .option('--all', 'all of them, whatever --limit says')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { limit, all } = options
      const most = all === true ? Infinity : (limit as number)
      const query = await queryOf(api, options)
      const tasks: ListedTask[] = []
      let cursor: string | null = null
      do {
        query.set('limit', String(Math.min(most - tasks.length, longestPage)))
        if (cursor !== null) query.set('cursor', cursor)
        const page: TaskList = await api.ask({ path: `/v1/tasks?${String(query)}`, answer: TaskList })
        for (const task of page.tasks) out.event('task', task)
        tasks.push(...page.tasks)
        cursor = page.next_cursor
      } while (cursor !== null && tasks.length < most)
      const more = cursor === null ? [] : ['There are more: --all lists them.']
      out.done({ count: tasks.length, more: cursor !== null }, ...table(tasks, out.width), ...more)
    })
}

async function queryOf(
  api: ApiClient,
  { status, kind, wiki, user, since }: Options,
): Promise<URLSearchParams> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ status, kind, user, since })) {
    if (typeof value === 'string') query.set(name, value)
  }
  if (user === 'me') query.set('user', String((await api.ask({ path: '/v1/users/me', answer: User })).id))
  if (typeof wiki === 'string') query.set('wiki', String((await findWiki(api, wiki)).id))
  return query
}

function table(tasks: readonly ListedTask[], width: number): string[] {
  if (tasks.length === 0) return ['No tasks.']
  return columns(
    [
      ['ID', 'TASK', 'STATUS', 'ASKED BY', 'BEGAN', 'SAYS'],
      ...tasks.map((task) => [
        ...[task.id, whatOf(task), stateOf(task), task.user_name, moment(task.created_at)],
        task.warning ?? task.message,
      ]),
    ],
    width,
  )
}

/** e.g. `create Ada’s notes`, `sync sites` */
function whatOf({ kind, wiki_id: id, wiki_name: name }: ListedTask): string {
  if (id === null) return kind.replaceAll('_', ' ')
  return `${kind.replace(/_wiki$/, '').replaceAll('_', ' ')} ${name ?? `wiki ${String(id)}`}`
}

function stateOf({ status, progress, code, warning }: ListedTask): string {
  if (status === 'running') return `running, ${String(progress)} %`
  if (code === 'cancelled') return code
  if (status === 'failed') return code === null ? 'failed' : `failed: ${code}`
  return warning === null ? status : `${status}, with a warning`
}

function userId(given: string): string {
  if (given === 'me' || /^[1-9]\d{0,14}$/.test(given)) return given
  throw new InvalidArgumentError('It is an id, as `user list` tells it, or `me`.')
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** As the API takes it. */
function since(given: string, now: number): string {
  const [, digits, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(given) ?? []
  const at =
    digits === undefined ? Date.parse(given) : now - Number(digits) * unitMs[unit as keyof typeof unitMs]
  if (Number.isNaN(at)) throw new InvalidArgumentError('It is a time like 2026-11-30T06:00Z, or like 6h.')
  return new Date(at).toISOString()
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 1.')
}
