/** `wikistead logs`: what a part of the `start` on this machine wrote, or what was told of a task until now. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { InvalidArgumentError, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { CommandFailure } from '../../errors.ts'
import { eventsSoFar } from '../../follow-task.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { inWords } from '../../show-task.ts'

export function addLogs(program: Command, env: Environment): void {
  withApi(program.command('logs'))
    .description(
      'show what a part of the `start` on this machine wrote, or what was told of a task; without either, say which parts keep a log',
    )
    .argument('[part|task]', 'a part, as `logs` names it, or the id of a task')
    .option('--lines <number>', 'so many of the last lines of a part', wholeNumber, 100)
    .option('--follow', 'go on with what a part writes, until Ctrl-C; a task is followed by `watch`')
    .action(async (wanted: string | undefined, options: Options) => {
      const { api, out, dataFolder } = await openClient(options, env)
      const parts = dataFolder === undefined ? new Map<string, string>() : logsIn(dataFolder)
      if (wanted === undefined) {
        for (const [part, file] of parts) out.event('log_file', { part, file })
        const none = `No part keeps a log in ${dataFolder ?? 'a folder'}: a \`start\` writes its own to standard output.`
        return out.done(
          { count: parts.size },
          ...(parts.size === 0 ? [none] : columns([...parts], out.width)),
        )
      }
      const file = parts.get(wanted)
      if (file !== undefined) return tail(file, options)
      if (!/^[\da-f]{8}-[\da-f-]{27}$/.test(wanted)) {
        throw new CommandFailure(
          'refused',
          `There is no part ${wanted} that keeps a log, and it is no id of a task.`,
          {
            ...{ code: 'no_such_log', next: 'See which there are with: wikistead logs' },
          },
        )
      }
      let count = 0
      for await (const { id, event } of eventsSoFar(api, wanted)) {
        count += 1
        const { type, ...fields } = event
        out.event(type, { task_id: wanted, id, ...fields })
        out.line(inWords(event))
      }
      out.done({ task_id: wanted, count })
    })
}

/** By the part. What a wiki's folder holds is not ours. */
function logsIn(dataFolder: string): Map<string, string> {
  const files = globSync(
    ['*.log', '{temporal,fedwiki-farm}/*.log', 'temporal/*/*.log', 'mediawiki/mariadb/*.log'],
    {
      cwd: dataFolder,
    },
  )
  return new Map(files.sort().map((file) => [basename(file, '.log'), join(dataFolder, file)]))
}

async function tail(file: string, { lines, follow }: Options): Promise<void> {
  const flags = ['-n', String(lines), ...(follow === true ? ['-F'] : [])]
  const tailing = spawn('tail', [...flags, '--', file], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(tailing, 'close')) as [number | null]
  if (code !== 0 && code !== null) throw new CommandFailure('fault', `${file} cannot be read.`)
  if (code === null) process.exitCode = 130
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,6}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 1.')
}
