/** `wikistead farm-guard` before a real farm that another process runs. */
import { eventually } from '@wikistead/test/eventually'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { startTestFarm, testAdminHost, testAdminToken, type FarmForTests } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultOf, runCli, startCli, type CliRun } from '../test/run-cli.ts'

const started = new AsyncDisposableStack()
let farm: FarmForTests
let guard: CliRun
let port: number

beforeAll(async () => {
  farm = started.use(await startTestFarm())
  const place = `127.0.0.1:${String(farm.farm.port)}`
  // A machine that shares its file with others has none of their secrets.
  const flags = ['--fedwiki-admin-host', testAdminHost, '--fedwiki-admin-token-file', '/nowhere/token']
  guard = started.use(startCli(['farm-guard', '--farm', place, '--listen', '127.0.0.1:0', ...flags]))
  port = await eventually(() => {
    const up = resultOf(guard, '').events.find(({ msg }) => msg === 'the guard is up')
    expect(up).toMatchObject({ host: '127.0.0.1', farm: { adminHost: testAdminHost } })
    return Number(up?.['port'])
  })
})
afterAll(() => started.disposeAsync())

async function ask(host: string, path: string, token?: string): Promise<number> {
  const headers = { host, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
    text(answer).then(() => resolve(answer.statusCode ?? 0), reject)
  })
    .on('error', reject)
    .end()
  return promise
}

const list = (token?: string) => ask(testAdminHost, '/plugin/farmmanager/sites', token)

test('what is meant for FarmManager comes through, and what ends a bare farm does not', async () => {
  expect(await list(testAdminToken)).toBe(200)
  expect(await list('not-its-token')).toBe(403)
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.end('GET / HTTP/1.1\r\nHost: __proto__\r\nConnection: close\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /)
  expect(await list(testAdminToken)).toBe(200)
})

test('a farm that dies is told in words, and is guarded again once it is back', async () => {
  process.kill(farm.farm.state.pid ?? 0, 'SIGKILL')
  await eventually(async () => expect(await list(testAdminToken)).toBe(503), 5)
  await eventually(async () => expect(await list(testAdminToken)).toBe(200), 100)
})

test('it says what it lacks, and stops when asked', async () => {
  expect(await runCli(['farm-guard'])).toMatchObject({ code: 2 })
  const taken = ['--listen', `127.0.0.1:${String(port)}`]
  const refused = await runCli(['farm-guard', '--farm', '127.0.0.1:9', ...taken])
  expect(refused.code).toBe(6)
  expect(refused.stderr).toContain(`The guard cannot listen at 127.0.0.1:${String(port)} (EADDRINUSE)`)
  guard.child.kill('SIGTERM')
  expect(await guard.ended).toBe(0)
})
