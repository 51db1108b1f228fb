import { once } from 'node:events'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flagsOf } from '@wikistead/test/secret-flags'
import { startFarmGate, type FarmGate } from '@wikistead/test/farm-gate'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli, type CliResult } from '../test/run-cli.ts'

const started = new AsyncDisposableStack()
let farm: FarmForTests
let gate: FarmGate
let stack: Stack
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-doctor-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  farm = started.use(await startTestFarm())
  gate = started.use(await startFarmGate(farm.url))
  const settings = { 'fedwiki-sync-enabled': 'true', 'fedwiki-sync-default-user-id': '1' }
  stack = started.use(
    await startStack({
      ...{ farmUrl: gate.url, storeEngine: 'mariadb', run: ['api'] },
      settings: { ...settings, 'fedwiki-sync-trigger-immediately': 'false' },
    }),
  )
})
afterAll(() => started.disposeAsync())

/** Of the running stack, with these settings instead of its own. */
async function doctor(...settings: readonly string[]): Promise<CliResult> {
  return runCli(['doctor', ...stack.flags, ...settings, '--json'], {
    env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token },
  })
}

const check = ({ events }: CliResult, name: string) => events.find((event) => event['check'] === name)
const notOk = ({ events }: CliResult) =>
  events.flatMap(({ check, ok, needed }) => (check !== undefined && ok === false ? [[check, needed]] : []))

/** The Temporal of these tests asks nobody who they are. */
const ofTemporal = ['temporal trust', false]

describe('the doctor of a farm that runs', () => {
  test('finds everything well, and ends with 0', async () => {
    // The schedule is set beside the start.
    await expect
      .poll(async () => check(await doctor(), 'sync schedule'))
      .toMatchObject({
        ...{ ok: true, detail: 'as configured' },
      })
    const well = await doctor()
    expect(notOk(well)).toEqual([ofTemporal])
    expect(well).toMatchObject({ code: 0, stderr: '', last: { event: 'done', ok: true, doubtful: 1 } })
    expect(check(well, 'store')?.['detail']).toMatch(/^MariaDB store_\w+ at .*, up to date$/)
    expect(check(well, 'temporal')?.['detail']).toContain(stack.temporal.address)
    expect(check(well, 'fedwiki farm')?.['detail']).toContain('wiki-security-wikistead@')
    expect(check(well, 'guard')).toMatchObject({ ok: true })
    expect(check(well, 'farm requests')).toMatchObject({ ok: true })
    expect(check(well, 'api')?.['detail']).toBe(`ready, at ${stack.url}`)

    const plain = await runCli(['doctor', ...stack.flags], {
      env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token },
    })
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/^ok {6}store {14}MariaDB/m)
    expect(plain.stdout).toMatch(/All that is needed is ok\.\n$/)
  })

  test('knows its own API at the port of the configuration', async () => {
    const well = await doctor(`--port=${new URL(stack.url).port}`)
    expect(well).toMatchObject({ code: 0, last: { ok: true } })
    expect(check(well, 'port')?.['detail']).toContain('held by an API of Wikistead')
  })

  test('finds a token that the farm does not take', async () => {
    const ill = await doctor(
      ...flagsOf({ 'fedwiki-admin-token': 'not-the-token-of-this-farm-at-all' }, join(folder, 'mistaken')),
    )
    expect(ill).toMatchObject({ code: 6, error: { code: 'not_ok', message: 'Not ok: fedwiki farm.' } })
    expect(check(ill, 'fedwiki farm')?.['mend']).toContain('fedwiki-admin-token')
  })

  test('finds a farm that knows owners by another field', async () => {
    const asks = (method: string, path: string) => method === 'GET' && path === '/auth/wikistead'
    const byName = (body: string) =>
      JSON.stringify({ ...(JSON.parse(body) as object), oauth2_IdField: 'token.name', wikiDomains: {} })
    const ill = await gate.whileAltered(asks, byName, () => doctor())
    expect(ill.code).toBe(6)
    expect(check(ill, 'fedwiki farm')).toMatchObject({ ok: false, needed: true })
    expect(check(ill, 'fedwiki farm')?.['detail']).toContain('oauth2_IdField is token.name')
  })

  test('doubts a farm that asks any address for its visitors', async () => {
    const asks = (method: string, path: string) => method === 'GET' && path === '/auth/wikistead'
    const older = (body: string) =>
      JSON.stringify({ ...(JSON.parse(body) as object), holdsConnections: false })
    const doubted = await gate.whileAltered(asks, older, () => doctor())
    expect(notOk(doubted)).toEqual([ofTemporal, ['farm requests', false]])
    expect(check(doubted, 'farm requests')?.['mend']).toContain('wiki-security-wikistead 0.2')
    expect(doubted.code).toBe(0)
  })

  test('doubts a farm that nothing guards, and ends with 0 all the same', async () => {
    const bare = await doctor(`--fedwiki-farm-url=http://127.0.0.1:${String(farm.farm.port)}`)
    expect(notOk(bare)).toEqual([ofTemporal, ['guard', false]])
    expect(bare.code).toBe(0)
  })

  test('tells of open alarms, and of a schedule that an operator has changed', async () => {
    await stack.store.alarms.raise({
      ...{ code: 'task_stuck', subject: 'a-task', message: 'It does not move.', mend: 'Push it.' },
    })
    await stack.call('PUT', '/v1/fedwiki/sync', { interval: '2h' })
    await stack.call('POST', '/v1/fedwiki/sync/pause', { note: 'holidays' })
    const ill = await doctor()
    expect(notOk(ill)).toEqual([
      ofTemporal,
      ['alarms', true],
      ['alarm task_stuck', true],
      ['sync schedule', false],
    ])
    expect(check(ill, 'alarm task_stuck')).toMatchObject({
      detail: 'a-task: It does not move.',
      mend: 'Push it.',
    })
    expect(check(ill, 'sync schedule')?.['detail']).toBe(
      'other than configured: it runs every 2h; it is paused: holidays',
    )
    expect(ill.code).toBe(6)
  })
})

describe('the doctor of a machine', () => {
  test('finds nothing in the way of a first start, and leaves nothing behind', async () => {
    const data = join(folder, 'not-yet')
    const args = ['--data-folder', data, '--port', '0', '--fedwiki-farm-port', '0', '--temporal-port', '0']
    const well = await runCli(['doctor', ...args, '--json'])
    expect(notOk(well)).toEqual([])
    expect(well).toMatchObject({ code: 0, last: { ok: true } })
    expect(check(well, 'data folder')?.['detail']).toBe(`${data} is made at the first start`)
    expect(check(well, 'api')?.['detail']).toContain('not running')
    expect(check(well, 'temporal trust')).toMatchObject({ ok: true })
    await expect(rm(data)).rejects.toThrow('ENOENT')
  })

  test.skipIf(process.getuid?.() !== 0)('says whom children of root would run as (needs root)', async () => {
    const data = join(folder, 'of-root')
    const args = ['--data-folder', data, '--port', '0', '--fedwiki-farm-port', '0', '--temporal-port', '0']
    const looked = await runCli([
      ...['doctor', ...args, '--json', '--temporal-user', 'nobody-of-this-name'],
      ...['--fedwiki-farm-user', 'root'],
    ])
    expect(notOk(looked)).toEqual([
      ['user of the FedWiki farm', false],
      ['user of Temporal', false],
    ])
    expect(check(looked, 'user of the FedWiki farm')?.['detail']).toBe(
      'it runs as root, as fedwiki-farm-user says',
    )
    expect(check(looked, 'user of Temporal')?.['detail']).toContain('no user nobody-of-this-name')
    const well = await runCli(['doctor', ...args, '--json'])
    expect(check(well, 'user of Temporal')).toMatchObject({ ok: true, detail: 'wikistead-temporal' })
  })

  test('finds all that is wrong at once, each with what mends it', async () => {
    const taken = createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    const { port } = taken.address() as AddressInfo
    const data = join(folder, 'open')
    await mkdir(data, { mode: 0o755 })
    await writeFile(join(data, 'something'), '')
    const ill = await runCli([
      ...['doctor', '--json', '--data-folder', data, '--port', String(port)],
      ...['--store-url', `mariadb://root@localhost/none?socket=${join(folder, 'no.sock')}`],
      ...['--temporal-address', '127.0.0.1:9', '--redis-server', '127.0.0.1:9'],
      ...['--fedwiki-farm-url', 'http://127.0.0.1:9', '--fedwiki-parent-domain', 'wiki.example'],
      ...['--oidc-issuer', 'http://127.0.0.1:9', '--oidc-client-id', 'wikistead'],
      ...['--fedwiki-custom-domains', '--fedwiki-dns-servers', '127.0.0.1:9'],
      ...flagsOf(
        {
          'fedwiki-admin-token': 'a-token-of-no-farm-at-all',
          'fedwiki-custom-domain-secret': 'a-secret-of-this-test',
        },
        join(folder, 'secrets'),
      ),
    ])
    taken.close()
    expect(notOk(ill)).toEqual([
      ['data folder', true],
      ['store', true],
      ['temporal', true],
      ofTemporal,
      ['redis', false],
      ['sign-in', true],
      ['fedwiki farm', true],
      ['guard', false],
      ['custom domains', true],
      ['port', true],
      // Whatever has the port is not ours.
      ['api', true],
    ])
    for (const event of ill.events) if (event['ok'] === false) expect(event['mend']).toMatch(/\w/)
    expect(ill.code).toBe(6)
    expect(check(ill, 'port')?.['detail']).toBe(`${String(port)} is taken by another program`)
    expect(check(ill, 'data folder')?.['mend']).toBe(`Run: chmod 700 ${data}`)
  })
})
