import { TaskAccepted, Wiki } from '@wikistead/contracts'
import type { Command } from 'commander'
import { z } from 'zod'
import { withApi } from '../../api-place.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addSuspend(program: Command, env: Environment): void {
  withApi(program.command('suspend'))
    .description('have nobody served a wiki, against its owner’s will; for operators')
    .argument('<wiki>', 'its id, slug, site name or domain')
    .requiredOption('--reason <text>', 'why, which its owner and whoever opens it read')
    .action(async (meant: string, options: Options) => decide(env, meant, options, String(options['reason'])))
}

export function addUnsuspend(program: Command, env: Environment): void {
  withApi(program.command('unsuspend'))
    .description('lift the suspension of a wiki, which is then what it was; for operators')
    .argument('<wiki>', 'its id, slug, site name or domain')
    .action(async (meant: string, options: Options) => decide(env, meant, options, undefined))
}

async function decide(
  env: Environment,
  meant: string,
  options: Options,
  reason: string | undefined,
): Promise<void> {
  const { api, out } = await openClient(options, env)
  const { id } = await findWiki(api, meant)
  const path = `/v1/wikis/${String(id)}`
  const answer = await api.startTask({
    ...(reason === undefined ? { method: 'DELETE' as const } : { method: 'PUT' as const, body: { reason } }),
    ...{ path: `${path}/suspension`, answer: z.union([TaskAccepted, Wiki]) },
  })
  const taskId = 'id' in answer ? undefined : answer.task_id
  if (taskId !== undefined) await showTask({ api, taskId, out })
  const wiki = await api.ask({ path, answer: Wiki })
  out.done({ ...(taskId !== undefined && { task_id: taskId }), wiki }, ...saying(wiki))
}

function saying({ address, suspension, task_id: taskId }: Wiki): string[] {
  if (suspension === null) return [`${address} is not suspended.`]
  const said = `${address} is suspended: ${suspension.reason}`
  if (suspension.in_effect) return [said]
  const until = taskId === null ? '' : ` when task ${taskId} has ended`
  return [said, `It may still be served; it is told so${until}.`]
}
