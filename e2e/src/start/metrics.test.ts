/** What Prometheus hears of `wikistead start`, over a scripted farm. */
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@wikistead/config'
import { chooseFreePort, findTemporalCli } from '@wikistead/processes'
import { bootstrapTokenFile, createLogger, start } from '@wikistead/server'
import { json, startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { testAdminHost, testAdminToken, testParentDomain } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let url: string
let token: string
let metricsPort: number
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-metrics-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  farm = started.use(await startScriptedFarm())
  metricsPort = await chooseFreePort('127.0.0.1')
  const cli = await findTemporalCli({ env: process.env, cacheFolder: join(homedir(), '.cache', 'wikistead') })
  const config = loadConfig({
    defaults: {
      ...{ 'data-folder': folder, 'log-level': 'silent', port: '0', 'temporal-port': '0' },
      'api-metrics-port': String(metricsPort),
      ...{
        'temporal-cli': cli.path,
        'fedwiki-farm-url': farm.url,
        'fedwiki-parent-domain': testParentDomain,
      },
      ...{ 'fedwiki-admin-host': testAdminHost, 'fedwiki-admin-token': testAdminToken },
    },
    env: {},
  })
  const running = started.use(await start(config, { env: {}, logger: createLogger('silent') }))
  url = running.url
  token = await readFile(bootstrapTokenFile(config.dataFolder), 'utf8')
})
afterAll(() => started.disposeAsync())

async function create(domain: string): Promise<number> {
  const answer = await fetch(`${url}/v1/wikis`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ engine: 'fedwiki', domain }),
  })
  return answer.status
}

/** Samples by name and labels, e.g. `x_total{kind="a"}` → 1. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

test('after one creation, one refused and one that needed two attempts, each is counted and timed by its phase', async () => {
  farm.script({ method: 'POST', domain: `refused.${testParentDomain}`, trouble: json(409, {}) })
  farm.script({ method: 'POST', domain: `twice.${testParentDomain}`, trouble: json(503, {}), times: 1 })
  expect([await create('good'), await create('refused'), await create('twice')]).toEqual([201, 409, 201])

  const samples = await scrape()
  const labels = (phase: string, outcome: string) =>
    `{kind="create_wiki",engine="fedwiki",phase="${phase}",outcome="${outcome}"}`
  const attempts = (phase: string, outcome: string) =>
    samples.get(`wikistead_phase_attempts_total${labels(phase, outcome)}`)
  expect(attempts('check_quota', 'succeeded')).toBe(3)
  expect(attempts('create_site', 'succeeded')).toBe(2)
  expect(attempts('create_site', 'refused')).toBe(1)
  expect(attempts('create_site', 'failed')).toBe(1)
  for (const outcome of ['succeeded', 'refused', 'failed']) {
    const timed = `wikistead_phase_duration_seconds_count${labels('create_site', outcome)}`
    expect(samples.get(timed)).toBe(attempts('create_site', outcome))
  }
  const buckets = [...samples.keys()].filter((name) =>
    name.startsWith('wikistead_phase_duration_seconds_bucket'),
  )
  expect(buckets.some((name) => name.includes('le="+Inf"'))).toBe(true)
})

test('requests are timed by their route’s pattern, so that no address makes a series of its own', async () => {
  for (const path of ['/v1/wikis/1', '/v1/wikis/2', '/nowhere/1', '/nowhere/2']) {
    await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  }
  const names = [...(await scrape()).keys()].filter((name) =>
    name.startsWith('wikistead_http_request_duration_seconds_count'),
  )
  expect(names).toContain(
    'wikistead_http_request_duration_seconds_count{method="GET",route="/v1/wikis/:id",status="200"}',
  )
  expect(names.filter((name) => name.includes('nowhere'))).toEqual([])
  expect(names.filter((name) => name.includes('route="none"'))).toHaveLength(1)
})

test('open tasks and alarms are gauges', async () => {
  farm.script({ domain: `barred.${testParentDomain}`, trouble: json(401, {}) })
  expect(await create('barred')).toBe(502)
  const samples = await scrape()
  expect(samples.get('wikistead_open_tasks')).toBe(0)
  expect(samples.get('wikistead_open_alarms')).toBe(1)
})

test('whoever is on this machine is told them on a port of their own, and nobody else without a token', async () => {
  const own = await fetch(`http://127.0.0.1:${String(metricsPort)}/metrics`)
  expect(await own.text()).toContain('wikistead_open_tasks')
  expect((await fetch(`${url}/metrics`)).status).toBe(401)
})
