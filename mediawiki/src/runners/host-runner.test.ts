import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { phpUser } from '../../test/php-user.ts'
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
    await expect.poll(() => subject.processesOf('outlives-its-starter')).not.toEqual([])
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

  describe('a stranger’s process keeps no command from being ended', () => {
    const env = { PATH: '/usr/bin:/bin' }
    const mark = (id: string) => ({ ...env, WIKISTEAD_COMMAND: id })
    const ended = async (id: string) => {
      await using runner = createHostRunner({ ...subject.settings.options, stopGraceMs: 300 })
      const { signal } = new AbortController()
      const command = { id, folder: subject.folder, argv: ['true'], timeLimitMs: 10_000 }
      await runner.run(command, { signal, onOutput: () => undefined })
      return async () => {
        await using again = createHostRunner({ ...subject.settings.options, stopGraceMs: 300 })
        await again.stop(id, AbortSignal.timeout(50_000))
      }
    }
    /** Ends with the test at the latest. */
    const begin = (argv: readonly string[], more: SpawnOptions) => {
      const [command = '', ...args] = argv
      const child = spawn(command, args, { stdio: 'ignore', env, ...more })
      onTestFinished(() => void child.kill('SIGKILL'))
      return { child, ended: once(child, 'exit') }
    }

    test.runIf(process.getuid?.() === 0)('by the name in its environment, as another user', async () => {
      const stop = await ended('named-elsewhere')
      const other = { uid: phpUser.uid + 1, gid: phpUser.gid + 1 }
      const { child } = begin(['sleep', '1000'], { env: mark('named-elsewhere'), ...other })
      await stop()
      expect(child.exitCode ?? child.signalCode).toBeNull()
    })

    test('by the name in its environment, as PHP’s user: it is ended', async () => {
      const stop = await ended('named-here')
      const own = begin(['sleep', '1000'], { env: mark('named-here'), ...phpUser })
      await stop()
      await own.ended
    })

    test('by the lock, as PHP’s user: it is ended', async () => {
      const stop = await ended('locked')
      const lock = join(folders.filesFolder, 'locked/run/lock')
      const own = begin(['sh', '-c', `exec 8>>${lock}; flock 8; exec sleep 1000`], phpUser)
      const isHeld = async () => (await begin(['flock', '-n', lock, 'true'], {}).ended)[0] === 1
      await expect.poll(isHeld).toBe(true)
      await stop()
      await own.ended
    })
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
