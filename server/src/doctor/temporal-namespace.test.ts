/** From a Temporal that answers to a namespace that fits, and a worker that waits for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js'
import { loadConfig, type Config } from '@wikistead/config'
import { chooseFreePort } from '@wikistead/processes'
import type {} from '@wikistead/test/provided'
import { freshStore } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { checkTemporal } from './temporal-checks.ts'
import { createLogger } from '../parts/log.ts'
import { runWorkerAlone } from '../processes/run-worker.ts'
import { prepareTemporal } from '../temporal/prepare-namespace.ts'

const started = new AsyncDisposableStack()
const day = 24 * 60 * 60 * 1_000
let folder: string
let connection: Connection

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-prepare-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  connection = await Connection.connect({ address: inject('temporalAddress') })
  started.defer(() => connection.close())
})
afterAll(() => started.disposeAsync())

const configOf = (namespace: string, more: Readonly<Record<string, string>> = {}): Config =>
  loadConfig({
    defaults: {
      ...{ 'data-folder': folder, 'temporal-address': inject('temporalAddress') },
      ...{ 'temporal-namespace': namespace, ...more },
    },
    env: {},
  })

const prepare = (namespace: string, options = {}) => prepareTemporal(configOf(namespace), {}, options)
const doctor = async (namespace: string) => checkTemporal(configOf(namespace), {}, undefined)

async function keptDays(namespace: string): Promise<number> {
  const { config } = await connection.workflowService.describeNamespace({ namespace })
  return tsToMs(config?.workflowExecutionRetentionTtl ?? msNumberToTs(0)) / day
}

const made = (namespace: string, days: number) =>
  connection.workflowService.registerNamespace({
    ...{ namespace, workflowExecutionRetentionPeriod: msNumberToTs(days * day) },
  })

describe('`temporal prepare`', () => {
  test('says what it would do, and does it when it is not only asked', async () => {
    const step = { do: 'create', namespace: 'from-nothing', retentionMs: 30 * day }
    const would = await prepare('from-nothing', { dryRun: true })
    expect(would.steps).toMatchObject([step])
    await expect(keptDays('from-nothing')).rejects.toThrow('not found')
    expect(await doctor('from-nothing')).toMatchObject([
      {
        check: 'temporal',
        ok: false,
        needed: true,
        mend: expect.stringContaining('wikistead temporal prepare') as string,
      },
    ])

    const done = await prepare('from-nothing')
    expect(done).toMatchObject({ steps: [step], serverVersion: '1.29.1', retentionMs: 30 * day })
    expect(await keptDays('from-nothing')).toBe(30)
    expect(await prepare('from-nothing')).toMatchObject({ steps: [], retentionMs: 30 * day })
    for (const check of await doctor('from-nothing')) expect(check).toMatchObject({ ok: true })
  })

  test('makes a namespace that the `temporal` command made keep more, and never less', async () => {
    await made('by-hand', 3)
    expect(await doctor('by-hand')).toMatchObject([
      { check: 'temporal', ok: true },
      {
        ...{ check: 'temporal retention', ok: false, needed: false },
        detail: expect.stringContaining('3d') as string,
        mend: expect.stringContaining('wikistead temporal prepare') as string,
      },
    ])
    await prepare('by-hand')
    expect(await keptDays('by-hand')).toBe(30)
    await prepare('by-hand', { retentionMs: 90 * day })
    expect(await keptDays('by-hand')).toBe(90)
    expect(await prepare('by-hand', { retentionMs: 10 * day })).toMatchObject({ steps: [] })
    expect(await keptDays('by-hand')).toBe(90)
  })

  test('may be run by two at once', async () => {
    const both = await Promise.all([prepare('by-two'), prepare('by-two')])
    for (const one of both) expect(one.retentionMs).toBe(30 * day)
    expect(await keptDays('by-two')).toBe(30)
  })
})

test("a worker whose namespace is missing waits, and says what mends it; then it works, and tells the SDK's metrics", async () => {
  const { config: place } = started.use(await freshStore('sqlite'))
  const port = await chooseFreePort('127.0.0.1')
  const config = configOf('made-late', {
    ...{ 'store-url': `sqlite:${place.engine === 'sqlite' ? place.filename : ''}` },
    ...{ 'fedwiki-farm-url': 'http://127.0.0.1:9', 'fedwiki-parent-domain': 'wiki.example' },
    ...{ 'fedwiki-admin-token': 'a-token-of-no-farm-at-all', 'temporal-metrics-port': String(port) },
  })
  const lines: string[] = []
  const { promise: saidSo, resolve } = Promise.withResolvers<void>()
  const logger = createLogger('info', {
    write: (line: string) => {
      lines.push(line)
      if (line.includes('has no namespace made-late')) resolve()
    },
  })
  const starting = runWorkerAlone(config, { env: {}, logger })
  await Promise.race([saidSo, starting])
  expect(lines.at(-1)).toContain('wikistead temporal prepare')
  await prepareTemporal(config, {})
  await using worker = await starting
  expect(worker).toBeDefined()
  const metrics = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()
  expect(metrics).toContain('temporal_')
})
