import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, ownerLinkKey, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { Visitor } from '../test/visitor.ts'
import { startFarm } from './index.ts'

let running: FarmUnderTest

beforeAll(async () => {
  running = await startFarmUnderTest()
})
afterAll(() => running[Symbol.asyncDispose]())

const log = () => readFile(running.farm.logFile, 'utf8')
const timesOpened = async () => (await log()).split('FarmManager plugin server started').length - 1

test('FarmManager answers as soon as the farm has started', async () => {
  const listed = await running.control('/plugin/farmmanager/sites')
  expect(JSON.parse(listed.body)).toMatchObject([{ name: running.farm.adminHost, status: 'active' }])
})

test('the plugins that pages are made of are there', async () => {
  const factories = await new Visitor().ask(`${running.admin}/system/factories.json`)
  const names = (JSON.parse(factories.body) as { name: string }[]).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['HTML', 'Image', 'Markdown', 'Search']))
  for (const plugin of ['html', 'markdown', 'code', 'image', 'changes', 'farmmanager']) {
    const client = await new Visitor().ask(`${running.admin}/plugins/${plugin}/${plugin}.js`)
    expect([client.status, plugin]).toEqual([200, plugin])
  }
  expect((await new Visitor().ask(`${running.admin}/plugins/plugmatic/plugmatic.js`)).status).toBe(404)
})

test('secrets are in private files, and not in the log', async () => {
  for (const name of ['farm.json', 'session-secret', 'farm.log']) {
    expect((await stat(join(running.folder, name))).mode & 0o777, name).toBe(0o600)
  }
  const config = await readFile(join(running.folder, 'farm.json'), 'utf8')
  expect(config).not.toContain(adminToken)
  const session = await readFile(join(running.folder, 'session-secret'), 'utf8')
  expect(config).toContain(session)
  for (const secret of [adminToken, ownerLinkKey, session]) expect(await log()).not.toContain(secret)
})

describe('warming a site up', () => {
  test('opens it once, however many ask', async () => {
    const domain = 'asked-for.wiki.test'
    await running.createSite('warm-up-of-the-watch.wiki.test', 'alice')
    const before = await timesOpened()
    const owner = { name: 'alice', oauth2: { id: 'alice', username: 'alice' } }
    await running.control('/plugin/farmmanager/sites', { method: 'POST', body: { domain, owner } })
    await expect.poll(() => running.farm.warmUp(domain)).toBe(true)
    const opened = await Promise.all(Array.from({ length: 12 }, () => running.farm.warmUp(domain)))
    expect(opened).toEqual(opened.map(() => true))
    await expect.poll(timesOpened).toBe(before + 1)
  })

  test('tells what is no site, and lets no harmful name through', async () => {
    for (const host of ['nobody.wiki.test', 'wiki', 'Farm-Admin.wiki.test', '__proto__', 'constructor', '']) {
      expect(await running.farm.warmUp(host), host).toBe(false)
    }
    // `__proto__` would have ended it.
    expect((await running.control('/plugin/farmmanager/sites')).status).toBe(200)
    expect(running.farm.state).toMatchObject({ kind: 'ready', restarts: 0 })
  })
})

test('a farm that was killed comes back on its port, with its sites and its sessions', async () => {
  const { farm } = running
  const site = await running.createSite('lasting.wiki.test', 'alice')
  const alice = await running.signIn('lasting.wiki.test', 'alice')
  const spent = running.ownerLink('lasting.wiki.test', 'alice')
  expect((await new Visitor().ask(spent)).status).toBe(303)
  expect(await alice.writePage(site, 'before', 'x')).toBe(200)

  // The worker serves, and takes the primary with it.
  process.kill(await workerOf(farm.state.pid as number), 'SIGKILL')
  await expect
    .poll(() => farm.state)
    .toMatchObject({ kind: 'ready', restarts: 1, lastExit: expect.any(String) as string })
  expect(await farm.warmUp('lasting.wiki.test')).toBe(true)
  expect((await new Visitor().ask(`${site}/before.json`)).status).toBe(200)
  expect(await alice.writePage(site, 'after', 'x')).toBe(200)
  expect((await new Visitor().ask(spent)).status).toBe(403)
})

describe('a farm that cannot start', () => {
  const options = { folder: '/not-made', adminHost: 'admin.wiki.test', adminToken }

  test('for an unfit option says which', async () => {
    const domain = { domain: '../sites', publicUrl: 'http://wiki.test' }
    for (const unfit of [
      { folder: 'farm' },
      { adminHost: 'localhost' },
      { adminHost: '__proto__' },
      { adminToken: 'short' },
      { ownerLinkKey: 'short' },
      { wikiDomains: [domain] },
    ]) {
      await expect(startFarm({ ...options, ...unfit })).rejects.toThrow(RangeError)
    }
  })

  test('because its port is taken says so, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await expect(startFarmUnderTest({ port })).rejects.toThrow('EADDRINUSE')
    taken.close()
  })
})

test('closing ends every process of the farm', async () => {
  await using closing = await startFarmUnderTest()
  const primary = closing.farm.state.pid as number
  const worker = await workerOf(primary)
  await closing.farm.close()
  await closing.farm.close()
  await expect.poll(() => [primary, worker].map(runs)).toEqual([false, false])
})

async function workerOf(primary: number): Promise<number> {
  const children = await readFile(`/proc/${primary}/task/${primary}/children`, 'utf8')
  const [worker, ...others] = children.trim().split(' ').map(Number)
  if (worker === undefined || others.length > 0) throw new Error(`the farm's processes: ${children}`)
  return worker
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
