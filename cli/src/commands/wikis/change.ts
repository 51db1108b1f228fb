import { servings, TaskAccepted, visibilities, Wiki } from '@wikistead/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { z } from 'zod'
import { withApi } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addChange(program: Command, env: Environment): void {
  withApi(program.command('change'))
    .description('change what a wiki is called, who may read it, what it does, or whose it is')
    .argument('<wiki>', 'its id, slug, site name or domain')
    .option('--name <text>', "the wiki's name")
    .addOption(new Option('--visibility <word>', 'who may read a MediaWiki wiki').choices(visibilities))
    .addOption(
      new Option('--serving <word>', 'whether it can be written, only read, or neither').choices(servings),
    )
    .option('--owner <user>', 'the id of its new owner; for operators', userId)
    .option(
      '--owner-name <text>',
      "the new owner's account on a MediaWiki wiki; their own name when left out",
    )
    .action(async (meant: string, options: Options) => {
      const { name, visibility, serving, owner, ownerName } = options
      const change = { name, visibility, serving, owner_id: owner, owner_name: ownerName }
      if (Object.values(change).every((value) => value === undefined)) {
        throw new CommandFailure('usage', 'Nothing is said that shall change.', {
          ...{ code: 'nothing_to_change', next: 'See what can with: wikistead change --help' },
        })
      }
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant)
      const path = `/v1/wikis/${String(id)}`
      const answer = await api.startTask({
        ...{ method: 'PATCH', path, body: change },
        answer: z.union([TaskAccepted, Wiki]),
      })
      const taskId = 'id' in answer ? undefined : answer.task_id
      if (taskId !== undefined) await showTask({ api, taskId, out })
      const wiki = await api.ask({ path, answer: Wiki })
      out.done({ ...(taskId !== undefined && { task_id: taskId }), wiki }, `${wiki.address} is changed.`)
    })
}

function userId(value: string): number {
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is the id of a user; `wikistead user list` tells it.')
}
