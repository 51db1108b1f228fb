/** A farm that tells less than it has, or nothing that can be read: nothing is believed, and an operator hears of it. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { theList } from '@wikistead/test/farm-gate'
import { hurry } from '@wikistead/test/hurry'
import { startTestFarm, type FarmForTests } from '@wikistead/test/stack'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clearFarm, ownerOf, plant, startSyncWorld, uproot, type SyncWorld } from '../../test/sync-world.ts'

let farm: FarmForTests
let world: SyncWorld

beforeAll(async () => {
  farm = await startTestFarm()
  world = await startSyncWorld(farm.url, { worker: { interceptors: [hurry(() => true)] } })
})
afterEach(async () => {
  await clearFarm(farm)
  if (!(await world.sync()).output.success) await world.sync(true)
  expect(await world.stack.store.alarms.open()).toEqual([])
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await farm[Symbol.asyncDispose]()
})

const domains = Array.from({ length: 12 }, (_, at) => `site-${String(at).padStart(2, '0')}.wiki.localhost`)

/** Twelve sites that farm and store agree on. */
async function twelveSites(): Promise<void> {
  for (const domain of domains) await plant(farm, domain, ownerOf('somebody'))
  expect((await world.sync()).output).toMatchObject({ success: true, sitesAdded: 12 })
}

const rows = () => world.stack.store.wikis.list({ limit: 200 })
const alarms = async () =>
  (await world.stack.call<{ alarms: { code: string }[] }>('GET', '/v1/alarms')).body.alarms

/** The list with these sites only. */
const only = (kept: readonly string[]) => (body: string) =>
  JSON.stringify((JSON.parse(body) as { name: string }[]).filter(({ name }) => kept.includes(name)))

describe('a list that lacks too much', () => {
  test.each([
    ['is empty', 0],
    ['lacks seven of twelve sites', 5],
  ])('because it %s changes nothing; the next good one clears the alarm', async (_how, found) => {
    await twelveSites()
    await plant(farm, 'a-new-one.wiki.localhost', ownerOf('somebody'))
    const before = await rows()
    const missing = 12 - found
    const message = `The farm lists ${String(found)} sites; ${String(missing)} of our 12 are not among them. Nothing was changed.`
    await world.gate.whileAltered(theList, only(domains.slice(0, found)), async () => {
      const { output, task } = await world.sync()
      expect(output).toMatchObject({
        ...{ success: false, sitesAdded: 0, sitesRemoved: 0, errorMessage: message },
      })
      expect(task).toMatchObject({ status: 'failed', code: 'sync_untrusted', message })
      expect(await rows()).toEqual(before)
      const alarm = await world.alarm('sync_untrusted')
      expect(alarm).toMatchObject({
        message,
        mend: expect.stringContaining('wikistead sync --confirm') as string,
      })
      expect(await alarms()).toMatchObject([{ code: 'sync_untrusted', subject: 'fedwiki', message }])
      expect(await world.metric('wikistead_open_alarms')).toBe(1)
      const { body } = await world.stack.call('GET', '/v1/fedwiki/sync')
      expect(body).toMatchObject({
        ...{ last_run: { id: task.task_id }, alarms: [{ code: 'sync_untrusted' }] },
        untrusted: { missing: 12 - found, sites: domains.slice(found) },
      })

      expect((await world.sync()).output.success).toBe(false)
      expect(await world.alarm('sync_untrusted')).toEqual(alarm)
      expect(await rows()).toEqual(before)
    })
    expect((await world.sync()).output).toMatchObject({ success: true, sitesAdded: 1, sitesRemoved: 0 })
    expect(await alarms()).toEqual([])
    expect(await world.stack.call('GET', '/v1/fedwiki/sync')).toMatchObject({ body: { untrusted: null } })
    expect(await world.metric('wikistead_open_alarms')).toBe(0)
  })

  test('by five of twelve is believed: each is asked for, and those that are gone are removed', async () => {
    await twelveSites()
    await uproot(farm, ...domains.slice(0, 3))
    const { output } = await world.gate.whileAltered(theList, only(domains.slice(5)), world.sync)
    expect(output).toMatchObject({ success: true, sitesFound: 7, sitesRemoved: 3 })
    expect((await rows()).map(({ address }) => address).sort()).toEqual(domains.slice(3))
  })
})

describe('many sites are really gone', () => {
  test('and a confirmation lets them go', async () => {
    await twelveSites()
    await uproot(farm, ...domains.slice(0, 7))
    expect((await world.sync()).output.success).toBe(false)
    expect((await world.sync(true)).output).toMatchObject({ success: true, sitesFound: 5, sitesRemoved: 7 })
    expect((await rows()).map(({ address }) => address).sort()).toEqual(domains.slice(7))
    expect(await alarms()).toEqual([])
    expect((await world.sync()).output).toMatchObject({ success: true, sitesRemoved: 0 })
  })

  test('all of them, and a confirmation lets them go', async () => {
    await twelveSites()
    await clearFarm(farm)
    expect((await world.sync()).output.success).toBe(false)
    expect((await world.sync(true)).output).toMatchObject({ success: true, sitesFound: 0, sitesRemoved: 12 })
    expect(await rows()).toEqual([])
  })

  test('and more than the alarm told of need another confirmation', async () => {
    await twelveSites()
    await uproot(farm, ...domains.slice(0, 6))
    await world.sync()
    await uproot(farm, domains[6] ?? '')
    const refused = await world.sync(true)
    expect(refused.output).toMatchObject({ success: false, sitesRemoved: 0 })
    expect(await world.alarm('sync_untrusted')).toMatchObject({
      message: 'The farm lists 5 sites; 7 of our 12 are not among them. Nothing was changed.',
    })
    expect(await rows()).toHaveLength(12)
    expect((await world.sync(true)).output).toMatchObject({ success: true, sitesRemoved: 7 })
  })

  test('and fewer than were confirmed are let go by that confirmation', async () => {
    await twelveSites()
    await uproot(farm, ...domains.slice(0, 8))
    await world.sync()
    await plant(farm, domains[0] ?? '', ownerOf('somebody'))
    expect((await world.sync(true)).output).toMatchObject({ success: true, sitesRemoved: 7 })
  })

  test('a confirmation is over with the next good list', async () => {
    await twelveSites()
    await world.gate.whileAltered(theList, only(domains.slice(0, 1)), world.sync)
    expect((await world.sync(true)).output).toMatchObject({ success: true, sitesRemoved: 0 })
    await uproot(farm, ...domains.slice(0, 7))
    expect((await world.sync()).output.success).toBe(false)
    expect(await world.stack.call('GET', '/v1/fedwiki/sync')).toMatchObject({
      body: { alarms: [{ code: 'sync_untrusted' }] },
    })
  })

  test('without an alarm there is nothing to confirm, and a member may confirm nothing', async () => {
    const trigger = ['POST', '/v1/fedwiki/sync/trigger', { confirm: true }] as const
    expect(await world.stack.call(...trigger)).toMatchObject({
      status: 409,
      body: { code: 'nothing_to_confirm' },
    })
    const { token } = await world.stack.newMember('mallory')
    expect(await world.stack.call(...trigger, { token })).toMatchObject({ status: 403 })
  })
})

describe('an answer that is no whole list', () => {
  test.each([
    ['breaks off', (body: string) => body.slice(0, body.length / 2)],
    ['breaks off before its last bracket', (body: string) => body.slice(0, -1)],
    ['goes on after its end', (body: string) => `${body}[]`],
    [
      'names a site twice',
      (body: string) => JSON.stringify([...(JSON.parse(body) as []), ...(JSON.parse(body) as [])]),
    ],
    ['is a page', () => '<!DOCTYPE html><title>Welcome</title>'],
    ['is nothing', () => ''],
  ])('because it %s changes nothing; an operator hears of it, and of its end', async (_how, change) => {
    await twelveSites()
    await uproot(farm, domains[0] ?? '')
    const before = await rows()
    await world.gate.whileAltered(theList, change, async () => {
      const { output, task } = await world.sync()
      expect(output).toMatchObject({ success: false, sitesFound: 0, sitesAdded: 0, sitesRemoved: 0 })
      expect(task).toMatchObject({ status: 'failed', code: 'farm_unavailable' })
      expect(await rows()).toEqual(before)
      expect((await alarms()).map(({ code }) => code).sort()).toEqual(['sync_failed', 'sync_unreadable'])
      expect(await world.alarm('sync_unreadable')).toMatchObject({
        message: expect.stringMatching(/cannot be believed.* Nothing was changed\.$/) as string,
        mend: expect.stringContaining('the next whole list clears this') as string,
      })
      const events = await world.stack.store.tasks.eventsAfter(task.task_id, 0)
      expect(events.filter(({ json }) => json.includes('"failed_attempt"'))).toHaveLength(8)
    })
    expect((await world.sync()).output).toMatchObject({ success: true, sitesRemoved: 1 })
    expect(await alarms()).toEqual([])
  })

  test('for a moment only is made good within the same sync', async () => {
    await twelveSites()
    let asked = 0
    const twiceBad = (body: string) => ((asked += 1) < 3 ? body.slice(0, 100) : body)
    const { output } = await world.gate.whileAltered(theList, twiceBad, world.sync)
    expect(output).toMatchObject({ success: true, sitesFound: 12 })
    expect(asked).toBe(3)
    expect(await alarms()).toEqual([])
    const raised = (await world.stack.store.alarms.recent())[0]
    expect(raised).toMatchObject({ code: 'sync_unreadable', open_key: null })
  })
})

test('secrets of an owner.json get into no row, no event, no history and no answer', async () => {
  const secret = 'the-secret-of-a-friend-0123456789'
  const owner = {
    name: 'Visible Name',
    friend: { secret },
    oauth2: { id: 'a-subject', token: secret },
    [secret]: 1,
  }
  await plant(farm, domains[0] ?? '', owner)
  await plant(farm, domains[1] ?? '', { friend: { secret } })
  const { task } = await world.sync()
  // Whoever quotes what they could not read would quote this.
  const upToSecret = (body: string) => body.slice(0, body.indexOf(secret) + secret.length)
  await world.gate.whileAltered(theList, upToSecret, world.sync)
  const history = await world.client.workflow.getHandle(task.task_id).fetchHistory()
  const answers = await Promise.all(
    [
      ...['/v1/wikis', '/v1/tasks', '/v1/alarms?all=1', '/v1/fedwiki/sync', '/metrics', '/readyz'],
      ...[`/v1/tasks/${task.task_id}`, `/v1/tasks/${task.task_id}/events`],
    ].map(async (path) => JSON.stringify((await world.stack.call('GET', path)).body)),
  )
  const { storeUrl } = world.stack.config
  if (storeUrl.engine !== 'sqlite') throw new Error('this test reads the file of the store')
  const kept = [
    dirname(storeUrl.filename),
    join(world.stack.folder, 'temporal'),
    join(world.stack.folder, 'data'),
  ]
  const files = (await Promise.all(kept.map(filesIn))).flat()
  expect(files.some((bytes) => bytes.includes('Visible Name'))).toBe(true)
  expect(
    files.some((bytes) => bytes.includes(task.task_id) && bytes.includes('ListFedWikiSitesActivity')),
  ).toBe(true)
  for (const bytes of files) expect(bytes.includes(secret)).toBe(false)
  expect(answers.join()).not.toContain(secret)
  expect(JSON.stringify(history)).not.toContain(secret)
})

async function filesIn(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => readFile(join(entry.parentPath, entry.name))),
  )
}
