/** `wikistead start` is killed (SIGKILL) in the middle of creations, and started again on the same data folder. */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findTemporalCli } from '@wikistead/processes'
import { openStore, type Store } from '@wikistead/store'
import { flagsOf } from '@wikistead/test/secret-flags'
import { startTestFarm, testAdminHost, testAdminToken } from '@wikistead/test/stack'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { holdFarm } from '../../test/held-farm.ts'

import { groupLives, startProcess } from '../../test/processes/start-process.ts'

let started: AsyncDisposableStack
let data: string
let cli: string

beforeEach(async () => {
  started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-start-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  data = join(folder, 'data')
  await mkdir(join(data, 'cache'), { recursive: true, mode: 0o700 })
  const bundle = inject('workflowBundlePath')
  await copyFile(bundle, join(data, 'cache', basename(bundle)))
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
})
afterEach(() => started.disposeAsync())

const create = (label: string) => ({ engine: 'fedwiki', domain: label })

/** What is true of a creation once it is over: its log has no gap and one end, its wiki one row. */
async function expectMade(store: Store, taskId: string, domain: string): Promise<void> {
  const task = await eventually(async () => {
    const task = await store.tasks.get(taskId)
    expect(task).toMatchObject({ status: 'succeeded' })
    return task
  })
  const events = await store.tasks.eventsAfter(taskId, 0)
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: task.last_seq }, (_, index) => index + 1))
  expect(events.filter(({ type }) => type === 'status')).toHaveLength(1)
  const wikis = await store.wikis.list({ limit: 10, text: domain })
  expect(wikis).toMatchObject([{ address: domain, claim: domain, status: 'active', task_id: null }])
}

async function expectOwner(sitesFolder: string, domain: string): Promise<void> {
  const file = join(sitesFolder, domain, 'status/owner.json')
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    ...{ name: 'Local admin', oauth2: { id: 'wikistead-local-admin', username: 'Local admin' } },
  })
}

test('killed when the farm has made a site: Temporal is not left behind, and the next start ends the task', async () => {
  const farm = started.use(await startTestFarm())
  const gate = started.use(await holdFarm(farm.url))
  const flags = [
    ...[`--fedwiki-farm-url=${gate.url}`, `--fedwiki-admin-host=${testAdminHost}`],
    ...[
      ...flagsOf({ 'fedwiki-admin-token': testAdminToken }, join(data, 'secrets')),
      '--fedwiki-parent-domain=wiki.localhost',
    ],
  ]
  const first = started.use(await startProcess(data, cli, flags))
  const answer = gate.hold('answer', ({ method }) => method === 'POST')
  const { body } = await first.call('POST', '/v1/wikis', create('amid'))
  const taskId = String(body['task_id'])
  await answer.arrived
  await first.kill()
  answer.drop()

  const second = started.use(await startProcess(data, cli, flags))
  await eventually(() => {
    expect(groupLives(first.children.temporal)).toBe(false)
  })
  expect(second.children.temporal).not.toBe(first.children.temporal)
  await using store = await openStore({ engine: 'sqlite', filename: join(data, 'wikistead.sqlite') })
  await expectMade(store, taskId, 'amid.wiki.localhost')
  await expectOwner(farm.farm.sitesFolder, 'amid.wiki.localhost')
  expect(gate.answered.filter(({ method, status }) => method === 'POST' && status === 201)).toHaveLength(1)
})

test('killed with a farm of its own amid five creations: its children are gone, and all five sites are made', async () => {
  const first = started.use(await startProcess(data, cli))
  const labels = ['one', 'two', 'three', 'four', 'five']
  const tasks = await Promise.all(
    labels.map(async (label) => {
      const { status, body } = await first.call('POST', '/v1/wikis', create(label))
      expect(status).toBe(202)
      return { domain: `${label}.wiki.localhost`, taskId: String(body['task_id']) }
    }),
  )
  await first.kill()
  const { temporal, farm = 0 } = first.children
  await eventually(() => {
    expect([groupLives(temporal), groupLives(farm)]).toEqual([false, false])
  })

  started.use(await startProcess(data, cli))
  await using store = await openStore({ engine: 'sqlite', filename: join(data, 'wikistead.sqlite') })
  for (const { taskId, domain } of tasks) {
    await expectMade(store, taskId, domain)
    await expectOwner(join(data, 'fedwiki-farm/sites'), domain)
    expect(existsSync(join(data, 'fedwiki-farm/sites', domain))).toBe(true)
  }
})
