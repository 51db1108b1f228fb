/** The token of the embedded farm and the secret of its cookies are changed under a real `wikistead start` that is in use. */
import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, mkdir, copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Visitor } from '@wikistead/fedwiki-farm/test/visitor'
import { findTemporalCli } from '@wikistead/processes'
import { ownerLinkFrom } from '@wikistead/server'
import { openStore } from '@wikistead/store'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { keepAsking, rotate } from '../../test/cut-rotation.ts'
import { startProcess, type StartProcess } from '../../test/processes/start-process.ts'

const started = new AsyncDisposableStack()
let data: string
let home: string
let start: StartProcess
let guard: string
let site: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'wikistead-rotation-'))
  started.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  data = join(home, 'data')
  const bundle = inject('workflowBundlePath')
  await mkdir(join(data, 'cache'), { recursive: true, mode: 0o700 })
  await copyFile(bundle, join(data, 'cache', basename(bundle)))
  const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
  const cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
  start = started.use(await startProcess(data, cli, ['--fedwiki-site-limit=1000', '--rate-limits=false']))
  const running = JSON.parse(await readFile(join(data, 'running.json'), 'utf8')) as { farm: string }
  guard = running.farm
  await create('first')
  site = `http://first.wiki.localhost:${new URL(guard).port}`
})
afterAll(() => started.disposeAsync())

async function create(domain: string): Promise<void> {
  const { body } = await start.call('POST', '/v1/wikis', { engine: 'fedwiki', domain })
  await eventually(async () => {
    const task = await start.call('GET', `/v1/tasks/${String(body['task_id'])}`)
    expect(task.body, JSON.stringify(task.body)).toMatchObject({ status: 'succeeded' })
  })
}

const tokenFile = () => join(data, 'fedwiki-farm/admin-token')
const tokens = async () => (await readFile(tokenFile(), 'utf8')).trim().split('\n')
/** As whoever has it asks FarmManager. */
async function letsIn(token: string): Promise<number> {
  const visitor = new Visitor()
  const url = `http://admin.wiki.localhost:${new URL(guard).port}/plugin/farmmanager/sites/admin.wiki.localhost`
  return (await visitor.ask(url, { headers: { authorization: `Bearer ${token}` } })).status
}
const visit = async (): Promise<string | undefined> => {
  const { status } = await new Visitor().ask(`${site}/welcome-visitors.json`)
  return status === 200 ? undefined : `a visitor was answered ${String(status)}`
}
const audited = async (): Promise<string[]> => {
  await using store = await openStore({ engine: 'sqlite', filename: join(data, 'wikistead.sqlite') })
  const rows = await store.audit.list({ limit: 100 })
  return rows
    .filter(({ action }) => action.startsWith('rotate'))
    .map(({ action, subject }) => `${action} ${subject}`)
}

test('the token: killed between any two steps and repeated, and no creation and no visitor fails', async () => {
  const flags = ['farm-token', `--data-folder=${data}`, '--fedwiki-farm-timeout=1s']
  const [old = ''] = await tokens()
  expect(await letsIn(old)).toBe(200)
  await using visitors = keepAsking(visit)
  let made = 0
  await using members = keepAsking(async () => {
    await create(`member-${String((made += 1))}`)
    return undefined
  })
  await using ours = keepAsking(async () => {
    const status = await letsIn((await tokens())[0] ?? '')
    return status === 200 ? undefined : `the control plane was answered ${String(status)}`
  })
  await members.more(1)

  const first = await rotate(flags, { home, killedAt: 'both_taken' })
  expect(first).toMatchObject({ code: null, steps: ['both_taken'] })
  expect(await tokens()).toHaveLength(2)
  await members.more(1)
  const second = await rotate(flags, { home, killedAt: 'waiting' })
  expect(second, second.said).toMatchObject({ code: null })
  expect(second.steps[0]).toBe('resumed')
  const [next = '', before] = await tokens()
  expect([before, next === old]).toEqual([old, false])
  expect([await letsIn(old), await letsIn(next)]).toEqual([200, 200])
  await members.more(1)
  const third = await rotate(flags, { home })
  expect(third, third.said).toMatchObject({ code: 0 })
  expect(third.steps).toEqual(['resumed', 'new_used', 'waiting', 'old_dropped'])
  expect(await tokens()).toEqual([next])
  expect((await stat(tokenFile())).mode & 0o777).toBe(0o600)
  await Promise.all([members.more(1), visitors.more(10), ours.more(10)])
  expect([visitors.failures, members.failures, ours.failures]).toEqual([[], [], []])

  // The old one is none, and the farm's own was never ours.
  expect([await letsIn(old), await letsIn(next)]).toEqual([403, 200])
  expect(await audited()).toEqual([
    'rotate ended setting/fedwiki-admin-token',
    'rotate begun setting/fedwiki-admin-token',
  ])
  // It began once: what was cut off was gone on with.
  const again = await rotate(flags, { home })
  expect(again).toMatchObject({ code: 0, steps: ['both_taken', 'new_used', 'waiting', 'old_dropped'] })
  expect(await letsIn(next)).toBe(403)
})

test('two lines that no rotation has made are left alone', async () => {
  const whole = await readFile(tokenFile(), 'utf8')
  await writeFile(tokenFile(), `${whole}${'x'.repeat(40)}\n`)
  const { code, said } = await rotate(['farm-token', `--data-folder=${data}`], { home })
  expect(code).toBe(6)
  expect(said).toContain('leave there the secret that is in use')
  await writeFile(tokenFile(), whole)
})

test('the cookies: visitors wait and none is refused; whoever was signed in signs in again', async () => {
  const owner = new Visitor()
  const isOwner = async () =>
    (await owner.ask(`${site}/auth/client-settings.json`)).body.includes('"isOwner":true')
  const signIn = async () => owner.open(await ownerLinkFrom(data, `${site}/`))
  await signIn()
  expect(await isOwner()).toBe(true)
  await using visitors = keepAsking(visit)
  await visitors.more(5)
  const { code, said } = await rotate(['site-cookies', `--data-folder=${data}`], { home })
  expect(code, said).toBe(0)
  await visitors.more(5)
  expect(visitors.failures).toEqual([])
  expect(await isOwner()).toBe(false)
  await signIn()
  expect(await isOwner()).toBe(true)
  expect(await audited()).toContain('rotate setting/fedwiki-session-secret')
})
