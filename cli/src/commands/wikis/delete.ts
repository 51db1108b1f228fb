import { TaskAccepted, Wiki } from '@wikistead/contracts'
import type { Command } from 'commander'
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { withApi } from '../../api-place.ts'
import { CommandFailure } from '../../errors.ts'
import { findWiki } from '../../find-wiki.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Output } from '../../output.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { showTask } from '../../show-task.ts'

export function addDelete(program: Command, env: Environment): void {
  withApi(program.command('delete'))
    .description('take a wiki away; until its undo window ends it can be restored')
    .argument('<wiki>', 'its id, site name or domain')
    .option('--now', 'remove it for good, at once')
    .option('--yes', 'ask nothing; needed where nobody can be asked')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const wiki = await findWiki(api, meant)
      const forGood = options['now'] === true
      // Deleting it once more would remove it for good, which nobody who repeats a command means.
      if (wiki.status === 'archived' && !forGood) {
        return tell(out, wiki, `${wiki.address} was deleted already.`)
      }
      if (options['yes'] !== true) await confirmed(out, wiki, forGood)
      const answer = await api.startTask({
        ...{ method: 'DELETE', path: `/v1/wikis/${String(wiki.id)}?now=${forGood ? '1' : '0'}` },
        answer: z.union([TaskAccepted, Wiki]),
      })
      const taskId = 'id' in answer ? undefined : answer.task_id
      if (taskId !== undefined) await showTask({ api, taskId, out })
      const after = await api.ask({ path: `/v1/wikis/${String(wiki.id)}`, answer: Wiki })
      tell(out, after, `${wiki.address} is deleted.`, taskId)
    })
}

function tell(out: Output, wiki: Wiki, line: string, taskId?: string): void {
  const undo =
    wiki.status === 'archived'
      ? `It can be restored until ${moment(wiki.purge_after)}: wikistead restore ${String(wiki.id)}`
      : 'It is gone for good.'
  out.done({ ...(taskId !== undefined && { task_id: taskId }), wiki }, line, undo)
}

/** @throws CommandFailure `usage` where nobody can be asked, and when the answer is no */
async function confirmed(out: Output, { address }: Wiki, forGood: boolean): Promise<void> {
  if (!out.interactive) {
    throw new CommandFailure('usage', `Nobody can be asked whether ${address} is to be deleted.`, {
      ...{ code: 'unconfirmed', next: 'Add --yes if it is.' },
    })
  }
  const readline = createInterface({ input: process.stdin, output: process.stdout })
  const left = new AbortController()
  readline.once('close', () => {
    left.abort()
  })
  const what = forGood ? 'will be removed for good' : 'will be taken away'
  try {
    const typed = await readline.question(`${address} ${what}. Type its name to go on: `, {
      signal: left.signal,
    })
    if (typed.trim() === address || typed.trim() === address.split('.', 1)[0]) return
  } catch {
    // Ctrl-C or Ctrl-D: no answer is a no.
    out.line()
  } finally {
    readline.close()
  }
  throw new CommandFailure('usage', `${address} was not deleted.`, { code: 'unconfirmed' })
}
