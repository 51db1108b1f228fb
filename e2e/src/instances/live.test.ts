/** `wikistead start` is not alone for ever: what another worker does to a task is seen by those who watch it there. */
import { eventually } from '@wikistead/test/eventually'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findTemporalCli } from '@wikistead/processes'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { flagsOf } from '@wikistead/test/secret-flags'
import { testAdminHost, testAdminToken } from '@wikistead/test/stack'
import { expect, inject, test } from 'vitest'
import { readStream } from '../../test/event-stream.ts'

import { startProcess } from '../../test/processes/start-process.ts'
import { startWorkerProcess, type Stop } from '../../test/processes/worker-process.ts'

const creating = ({ when, activity }: Stop): boolean =>
  when === 'before' && activity === 'CreateFedWikiSiteActivity'

test('a watcher of `start` sees the end that another worker brings', async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-live-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const data of ['start', 'worker']) {
    const bundle = inject('workflowBundlePath')
    await mkdir(join(folder, data, 'cache'), { recursive: true, mode: 0o700 })
    await copyFile(bundle, join(folder, data, 'cache', basename(bundle)))
  }
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  const cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
  const farm = started.use(await startScriptedFarm())
  const flags = [
    ...[`--fedwiki-farm-url=${farm.url}`, `--fedwiki-admin-host=${testAdminHost}`],
    ...[
      ...flagsOf({ 'fedwiki-admin-token': testAdminToken }, join(folder, 'secrets')),
      '--fedwiki-parent-domain=wiki.localhost',
    ],
    '--fedwiki-site-limit=1000',
  ]
  const start = started.use(await startProcess(join(folder, 'start'), cli, flags))
  const read = (file: string) => readFile(join(folder, 'start', file), 'utf8')
  const { api: url, temporal } = JSON.parse(await read('running.json')) as { api: string; temporal: string }
  const token = (await read('bootstrap-token')).trim()
  const watch = (taskId: string) => readStream({ url, token, taskId })

  const create = async (domain: string): Promise<string> => {
    const { body } = await start.call('POST', '/v1/wikis', { engine: 'fedwiki', domain })
    return String(body['task_id'])
  }
  const worker = started.use(
    await startWorkerProcess([
      ...[...flags, `--data-folder=${join(folder, 'worker')}`, `--temporal-address=${temporal}`],
      ...[`--store-url=sqlite:${join(folder, 'start/wikistead.sqlite')}`, '--log-level=warn'],
    ]),
  )
  const holds = Array.from({ length: 200 }, () => worker.hold(creating))
  // Until the other worker has got one: `start` takes those that it gets.
  const watched: ReturnType<typeof watch>[] = []
  for (let n = 0; !worker.stops.some(creating); n += 1) {
    const taskId = await create(`site-${String(n)}`)
    watched.push(watch(taskId))
    await eventually(async () => {
      const held = worker.stops.some((stop) => creating(stop) && stop.taskId === taskId)
      const { body } = await start.call('GET', `/v1/tasks/${taskId}`)
      expect(held || body['status'] === 'succeeded').toBe(true)
    })
  }
  for (const hold of holds) hold.letGo()
  for (const reading of await Promise.all(watched)) {
    expect(reading.end).toBe('ended')
    expect(reading.frames.map(({ id }) => id)).toEqual(reading.frames.map((_, n) => n + 1))
    expect(reading.frames.at(-1)).toMatchObject({ event: 'status' })
  }
})
