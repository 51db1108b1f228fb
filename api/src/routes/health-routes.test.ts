import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@wikistead/store'
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { createMetrics } from '@wikistead/metrics'
import { startMariadb } from '@wikistead/test/mariadb'
import { json, silence, startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack } from '@wikistead/test/stack'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'

interface Ready {
  readonly status: string
  readonly parts: readonly { part: string; ok: boolean; detail: string; mend?: string }[]
}
const downOf = ({ parts }: Ready) => parts.flatMap(({ part, ok }) => (ok ? [] : [part]))

test('readiness names what is down and its mend, while a scripted farm and Temporal go and come', async () => {
  await using farm = await startScriptedFarm()
  await using stack = await startStack({ farmUrl: farm.url, run: ['api'] })
  const ready = async () => {
    const answer = await fetch(`${stack.url}/readyz`)
    return { http: answer.status, ...((await answer.json()) as Ready) }
  }
  const well = await ready()
  expect(well).toMatchObject({ http: 200, status: 'ready' })
  expect(well.parts.map(({ part }) => part)).toEqual(['store', 'temporal', 'live events', 'fedwiki farm'])

  await farm.goAway()
  const withoutFarm = await ready()
  expect(withoutFarm).toMatchObject({ http: 200, status: 'degraded' })
  expect(downOf(withoutFarm)).toEqual(['fedwiki farm'])
  expect(withoutFarm.parts.find(({ ok }) => !ok)).toMatchObject({
    detail: 'The farm could not be reached (ECONNREFUSED).',
    mend: expect.stringContaining('fedwiki-farm-url') as string,
  })
  await farm.comeBack()
  farm.script({ trouble: json(403, {}) })
  expect(downOf(await ready())).toEqual(['fedwiki farm'])
  farm.heal()
  farm.script({ trouble: silence })
  expect(downOf(await ready())).toEqual(['fedwiki farm'])
  farm.heal()
  expect(await ready()).toMatchObject({ status: 'ready' })

  await stack.temporal.stop()
  const withoutTemporal = await ready()
  expect(withoutTemporal).toMatchObject({ http: 200, status: 'degraded' })
  expect(downOf(withoutTemporal)).toEqual(['temporal'])
  expect(JSON.stringify(withoutTemporal)).toContain('none is lost')
  expect((await fetch(`${stack.url}/healthz`)).status).toBe(200)
})

test('readiness says that the namespace is missing, and what makes it', async () => {
  await using stack = await startStack({ run: ['api'], settings: { 'temporal-namespace': 'not-made' } })
  const { parts } = (await (await fetch(`${stack.url}/readyz`)).json()) as Ready
  expect(parts.find(({ part }) => part === 'temporal')).toMatchObject({
    ...{ ok: false, detail: 'it has no namespace not-made' },
    mend: expect.stringContaining('wikistead temporal prepare') as string,
  })
})

test('without its store nothing works, and readiness says 503 instead of hanging', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-mariadb-'))
  await using mariadb = await startMariadb(join(folder, 'mariadb'))
  const { socketPath } = mariadb
  const connection = await createConnection({ socketPath, user: 'root' })
  await connection.query('CREATE DATABASE control')
  await connection.end()
  await using store = await openStore({ engine: 'mariadb', socketPath, user: 'root', database: 'control' })
  const metrics = createMetrics()
  await using api = await startApiUnderTest({ deps: { store, metrics } })
  expect((await api.ask('GET', '/readyz')).status).toBe(200)

  await mariadb[Symbol.asyncDispose]()
  const down = await api.ask('GET', '/readyz')
  expect(down).toMatchObject({ status: 503, body: { status: 'down' } })
  expect(downOf(down.body as unknown as Ready)).toContain('store')
  expect(down.text).toContain('store-url')
  expect((await api.ask('GET', '/healthz')).status).toBe(200)
  // Gauges of the store are without a value, and the rest is told.
  expect(await metrics.registry.metrics()).toContain('wikistead_open_tasks Nan')
  await rm(folder, { recursive: true, force: true })
})

test('however many ask at once, each part is asked by one of them; and operators are told the metrics', async () => {
  let asked = 0
  const held = Promise.withResolvers<undefined>()
  const part = async () => {
    asked += 1
    await held.promise
    return { part: 'a part', ok: true, detail: 'is well' }
  }
  await using api = await startApiUnderTest({ deps: { healthParts: [part] } })
  const answers = Array.from({ length: 20 }, () => api.ask('GET', '/readyz'))
  await expect.poll(() => asked).toBe(1)
  held.resolve(undefined)
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(
    Array.from({ length: 20 }, () => 200),
  )
  expect(asked).toBe(1)
  const as = await api.user('an-operator', 'operator')
  expect((await api.ask('GET', '/metrics', { as })).text).toContain('wikistead_open_tasks 0')
  expect((await api.ask('GET', '/metrics')).status).toBe(401)
})
