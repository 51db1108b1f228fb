/** The Temporal and the farm of a real `wikistead start` are killed: its log says so, and when they serve again. */
import { eventually } from '@wikistead/test/eventually'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findTemporalCli } from '@wikistead/processes'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { startProcess, type StartProcess } from '../../test/processes/start-process.ts'

const started = new AsyncDisposableStack()
let running: StartProcess

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-start-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const data = join(folder, 'data')
  await mkdir(join(data, 'cache'), { recursive: true, mode: 0o700 })
  const bundle = inject('workflowBundlePath')
  await copyFile(bundle, join(data, 'cache', basename(bundle)))
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  const cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
  running = started.use(await startProcess(data, cli, ['--log-level=info']))
})
afterAll(() => started.disposeAsync())

const toldOf = (name: string) => running.log.filter(({ child }) => child === name)

test.each([
  ['temporal', () => running.children.temporal],
  ['fedwiki farm', () => running.children.farm ?? 0],
] as const)('%s', async (name, pid) => {
  expect(toldOf(name)).toEqual([])
  process.kill(pid(), 'SIGKILL')
  await eventually(() => expect(toldOf(name)).toHaveLength(2))
  expect(toldOf(name)).toMatchObject([
    { level: 40, msg: 'a child ended; it is started again', last_exit: 'signal SIGKILL', restarts: 0 },
    { level: 30, msg: 'a child serves again', restarts: 1 },
  ])
})
