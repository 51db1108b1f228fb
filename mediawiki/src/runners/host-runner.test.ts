import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeRunner } from '../../test/runner-matrix.ts'
import {
  hostSubject,
  makeWikiFolders,
  type RunnerSubject,
  type WikiFolders,
} from '../../test/runner-subject.ts'
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
