/** `watch`, `retry`, `cancel`: a task by its id, watched to its end. */
import { Task, TaskAccepted } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { inWords, showTask, showTaskToItsEnd } from '../../show-task.ts'

const idMeaning = 'its id, as `create` and the API give it'

export function addTasks(program: Command, env: Environment): void {
  withApi(program.command('watch'))
    .description('watch a task from its beginning to its end')
    .argument('<task>', idMeaning)
    .action(async (taskId: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      // An API that is away now is not waited for.
      await api.ask({ path: pathOf(taskId), answer: Task })
      const end = await showTask({ api, taskId, out })
      out.done({ task_id: taskId, wiki_id: end.wiki_id, warning: end.warning }, inWords(end))
    })

  withApi(program.command('retry'))
    .description('try a failed task again, or try a waiting one now, and watch it')
    .argument('<task>', idMeaning)
    .action(async (taskId: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      // What was told before the new try is not told again.
      const { last_event_id: after } = await api.ask({ path: pathOf(taskId), answer: Task })
      await api.ask({ method: 'POST', path: `${pathOf(taskId)}/retry`, answer: TaskAccepted })
      const end = await showTask({ api, taskId, out, after })
      out.done({ task_id: taskId, wiki_id: end.wiki_id, warning: end.warning }, inWords(end))
    })

  withApi(program.command('cancel'))
    .description('end a task and undo what it made, and watch it do so')
    .argument('<task>', idMeaning)
    .action(async (taskId: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      await api.ask({ method: 'POST', path: `${pathOf(taskId)}/cancel`, answer: TaskAccepted })
      const end = await showTaskToItsEnd({ api, taskId, out })
      if (end.code !== 'cancelled') {
        throw new CommandFailure('taskFailed', `It was not cancelled: ${inWords(end)}`, {
          ...{ code: end.code, task_id: taskId, support_url: end.support_url },
        })
      }
      out.done({ task_id: taskId }, inWords(end))
    })
}

const pathOf = (taskId: string): string => `/v1/tasks/${encodeURIComponent(taskId)}`
