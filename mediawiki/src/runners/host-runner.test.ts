import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeRunner } from '../../test/runner-matrix.ts'
import {
  hostSubject,
  makeWikiFolders,
  type RunnerSubject,
  type WikiFolders,
} from '../../test/runner-subject.ts'
import { beginCommand } from '../starter/command-starter.ts'
import { createHostRunner } from './host-runner.ts'

describe('the host runner', () => {
  let folders: WikiFolders
  let subject: RunnerSubject

  beforeAll(async () => {
    folders = await makeWikiFolders()
    const { phpUser, filesFolder } = folders
    subject = {
      ...hostSubject(folders),
      settings: { kind: 'host', options: { phpUser, filesFolder } },
      createRunner: (options) => createHostRunner({ phpUser, filesFolder, ...options }),
    }
  })
  afterAll(() => folders[Symbol.asyncDispose]())

  describeRunner(() => subject)

  test('a command outlives the process that began it, and its end is known all the same', async () => {
    await using runner = createHostRunner(subject.settings.options)
    const { signal } = new AbortController()
    const hold = join(subject.folder, 'hold')
    const running = runner.run(
      {
        ...{ id: 'outlives', folder: subject.folder, timeLimitMs: 60_000 },
        argv: ['sh', '-c', ': outlives-its-starter; while [ ! -e hold ]; do sleep 0.02; done; exit 7'],
      },
      { signal, onOutput: () => undefined },
    )
    await expect.poll(() => subject.processesOf('outlives-its-starter'), { timeout: 30_000 }).not.toEqual([])
    let parent = ''
    const { ended } = await beginCommand(
      ['sh', '-c', 'echo $PPID'],
      { env: { PATH: '/usr/bin:/bin' }, output: true },
      { onStdout: (chunk) => void (parent += chunk.toString()) },
    )
    await ended
    process.kill(Number(parent), 'SIGKILL')
    await writeFile(hold, '')
    expect(await running).toMatchObject({ exitCode: 7, timedOut: false })
    await rm(hold)
  })

  test("a command sees nothing of this process's environment", async () => {
    process.env['WIKI_DB_ADMIN_PASSWORD'] = 'hidden'
    await using runner = createHostRunner({ ...subject.settings.options, env: { EXTRA: '1' } })
    const lines: string[] = []
    await runner.run(
      { id: 'environment', folder: folders.folder, argv: ['env'], timeLimitMs: 10_000, env: { OWN: '2' } },
      { onOutput: ({ line }) => void lines.push(line), signal: new AbortController().signal },
    )
    delete process.env['WIKI_DB_ADMIN_PASSWORD']
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual([
      'EXTRA',
      'LANG',
      'OLDPWD',
      'OWN',
      'PATH',
      'PWD',
      'WIKISTEAD_COMMAND',
    ])
  })
})
