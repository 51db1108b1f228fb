/** A restart of the API, with a real Temporal and nothing configured of the sync. */
import { eventually } from '@wikistead/test/eventually'
import { Client, Connection } from '@temporalio/client'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrapTokenFile } from './bootstrap.ts'
import { createLogger } from '../parts/log.ts'
import { runApi } from './run-api.ts'

let started: AsyncDisposableStack
let stack: Stack
let client: Client

beforeAll(async () => {
  started = new AsyncDisposableStack()
  const farm = started.use(await startScriptedFarm())
  stack = started.use(await startStack({ farmUrl: farm.url, run: [] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  client = new Client({ connection })
})
afterAll(() => started.disposeAsync())

test('a schedule that an operator made outlives a restart although none is configured', async () => {
  const schedule = client.schedule.getHandle('fedwiki-sync')
  {
    await using api = await runApi(stack.config, { env: {}, logger: createLogger('silent') })
    const token = (await readFile(bootstrapTokenFile(stack.config.dataFolder), 'utf8')).trim()
    const { status } = await stack.call(
      'PUT',
      '/v1/fedwiki/sync',
      { interval: '3h', default_user_id: 1 },
      { url: api.url, token },
    )
    expect(status).toBe(200)
  }
  await using _restarted = await runApi(stack.config, { env: {}, logger: createLogger('silent') })
  // A start that wants the schedule also syncs: so it is known to have come to it.
  await eventually(
    async () => expect((await schedule.describe()).info).toMatchObject({ numActionsTaken: 1 }),
    100,
  )
  const { spec } = await schedule.describe()
  expect(spec.intervals?.[0]).toMatchObject({ every: 3 * 3_600_000 })
})
