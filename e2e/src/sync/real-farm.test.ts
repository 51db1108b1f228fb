/** What a sync does with what others did on a real farm, on both engines of the store. */
import { startTestFarm, type FarmForTests } from '@wikistead/test/stack'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { theList } from '@wikistead/test/farm-gate'
import {
  clearFarm,
  ownerOf,
  plant,
  setStatus,
  startSyncWorld,
  uproot,
  type SyncWorld,
} from '../../test/sync-world.ts'

let farm: FarmForTests

beforeAll(async () => {
  farm = await startTestFarm()
})
afterAll(() => farm[Symbol.asyncDispose]())

const site = (label: string): string => `${label}.wiki.localhost`

describe.each(storeEngines)('with its store on %s', (storeEngine) => {
  let world: SyncWorld

  beforeAll(async () => {
    world = await startSyncWorld(farm.url, { storeEngine })
  })
  afterEach(async () => {
    await clearFarm(farm)
    if (!(await world.sync()).output.success) await world.sync(true)
    expect(await world.stack.store.alarms.open()).toEqual([])
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** Makes a site through Wikistead. */
  async function create(label: string, token = world.stack.token): Promise<number> {
    const body = { engine: 'fedwiki', domain: label }
    const answer = await world.stack.call<{ id: number }>('POST', '/v1/wikis', body, { token })
    expect(answer.status).toBe(201)
    return answer.body.id
  }

  describe('sites that others made', () => {
    test('are added, each to whom its owner.json names, the rest to the default user', async () => {
      const ada = await world.stack.newMember('ada')
      await plant(farm, site('of-ada'), ownerOf(ada.subject))
      await plant(farm, site('of-a-stranger'), ownerOf('nobody-we-know', 'Zoë'))
      await plant(farm, site('of-friends'), { name: 'Grace', friend: { secret: 'abc' } })
      await plant(farm, 'custom.example.org', ownerOf(ada.subject))
      await plant(farm, site('read-only'), ownerOf(ada.subject))
      await setStatus(farm, site('read-only'), 'readonly')
      const before = Date.now()
      const { output, task } = await world.sync()
      expect(output).toEqual({
        ...{ success: true, sitesFound: 5, sitesAdded: 5, sitesRemoved: 0 },
        syncTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      })
      expect(Date.parse(output.syncTimestamp)).toBeGreaterThanOrEqual(before)
      expect(task).toMatchObject({ status: 'succeeded', message: 'In sync: 5 added, 0 removed.' })

      const common = { status: 'active', serving: 'active', visibility: 'public', custom_domain: 0 }
      expect(await world.wiki(site('of-ada'))).toMatchObject({
        ...{ ...common, owner_id: ada.id, owner_subject: ada.subject, task_id: null },
      })
      expect(await world.wiki(site('of-a-stranger'))).toMatchObject({
        ...{ ...common, owner_id: world.adminId, owner_subject: 'nobody-we-know', owner_name: 'Zoë' },
      })
      expect(await world.wiki(site('of-friends'))).toMatchObject({
        ...{ ...common, owner_id: world.adminId, owner_subject: '', owner_name: 'Grace' },
      })
      expect(await world.wiki('custom.example.org')).toMatchObject({ owner_id: ada.id, custom_domain: 1 })
      expect(await world.wiki(site('read-only'))).toMatchObject({ serving: 'readonly' })

      const again = await world.sync()
      expect(again.output).toMatchObject({ success: true, sitesFound: 5, sitesAdded: 0, sitesRemoved: 0 })
    })

    test('are not added when they are the farm’s own, no domain, no site, or put away', async () => {
      await plant(farm, site('seen'), ownerOf('somebody'))
      for (const name of [
        'wiki.localhost',
        site('commons'),
        'commons',
        'Capital.wiki.localhost',
        '..x',
        site('www'),
      ]) {
        await plant(farm, name, ownerOf('somebody'))
      }
      await plant(farm, site('put-away'), ownerOf('somebody'))
      await setStatus(farm, site('put-away'), 'archived')
      await plant(farm, site('long-gone'), ownerOf('somebody'))
      await setStatus(farm, site('long-gone'), 'inactive')
      // The admin's own site stands there too.
      const { output } = await world.sync()
      expect(output).toMatchObject({ success: true, sitesFound: 3, sitesAdded: 1, sitesRemoved: 0 })
      const { wikis } = (await world.stack.call<{ wikis: { address: string }[] }>('GET', '/v1/wikis')).body
      expect(wikis.map(({ address }) => address)).toEqual([site('seen')])
    })

    test('and that nobody owns raise an alarm each, until they have an owner or are gone', async () => {
      await plant(farm, site('orphan'), undefined)
      await plant(farm, site('foundling'), undefined)
      await world.sync()
      expect(await world.wiki(site('orphan'))).toMatchObject({ owner_id: world.adminId, owner_subject: '' })
      for (const domain of [site('orphan'), site('foundling')]) {
        expect(await world.alarm('site_ownerless', domain)).toMatchObject({
          message: `${domain} has no owner.`,
          mend: `Give ${domain} an owner (transfer it), or delete it; the next sync clears this.`,
        })
      }
      expect(await world.metric('wikistead_open_alarms')).toBe(2)
      await plant(farm, site('foundling'), ownerOf('a-parent'))
      await uproot(farm, site('orphan'))
      await plant(farm, site('another'), ownerOf('somebody'))
      await world.sync()
      expect(await world.alarm('site_ownerless', site('foundling'))).toBeUndefined()
      expect(await world.alarm('site_ownerless', site('orphan'))).toBeUndefined()
      expect(await world.metric('wikistead_open_alarms')).toBe(0)
    })
  })

  describe('sites that others took away', () => {
    test('are removed, their names are free, and one that returns goes back to its owner', async () => {
      const bob = await world.stack.newMember('bob')
      await create('stays')
      const wikiId = await create('returning', bob.token)
      await uproot(farm, site('returning'))
      expect((await world.sync()).output).toMatchObject({ sitesFound: 1, sitesAdded: 0, sitesRemoved: 1 })
      expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({
        ...{ status: 'removed', claim: null, owner_id: bob.id },
      })
      expect(await world.stack.call('GET', '/v1/names/fedwiki/returning')).toMatchObject({
        body: { state: 'free' },
      })

      await plant(farm, site('returning'), ownerOf('who-is-this'))
      expect((await world.sync()).output).toMatchObject({ sitesFound: 2, sitesAdded: 1, sitesRemoved: 0 })
      expect(await world.wiki(site('returning'))).toMatchObject({
        ...{ wiki_id: wikiId, status: 'active', owner_id: bob.id },
      })
    })

    test('by putting them away are removed; back again, they are added', async () => {
      await create('other')
      const first = await create('archived')
      const second = await create('inactive')
      await setStatus(farm, site('archived'), 'archived')
      await setStatus(farm, site('inactive'), 'inactive')
      expect((await world.sync()).output).toMatchObject({ sitesFound: 3, sitesAdded: 0, sitesRemoved: 2 })
      expect(await world.stack.store.wikis.get(first)).toMatchObject({ status: 'removed', claim: null })
      expect(await world.stack.store.wikis.get(second)).toMatchObject({ status: 'removed', claim: null })
      await setStatus(farm, site('archived'), 'readonly')
      expect((await world.sync()).output).toMatchObject({ sitesFound: 3, sitesAdded: 1, sitesRemoved: 0 })
      expect(await world.wiki(site('archived'))).toMatchObject({ wiki_id: first, serving: 'readonly' })
    })

    test('and made anew by somebody whom we know are theirs', async () => {
      const [carol, dora] = [await world.stack.newMember('carol'), await world.stack.newMember('dora')]
      await create('stays')
      const former = await create('handed-on', carol.token)
      await uproot(farm, site('handed-on'))
      await world.sync()
      await plant(farm, site('handed-on'), ownerOf(dora.subject))
      await world.sync()
      expect(await world.wiki(site('handed-on'))).toMatchObject({ status: 'active', owner_id: dora.id })
      expect(await world.stack.store.wikis.get(former)).toMatchObject({
        status: 'removed',
        owner_id: carol.id,
      })
    })
  })

  describe('sites that we put away ourselves', () => {
    test('stay for their undo window, and can be restored after a sync', async () => {
      await create('other')
      const wikiId = await create('deleted')
      await world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`)
      const row = await world.stack.store.wikis.get(wikiId)
      expect((await world.sync()).output).toMatchObject({ sitesFound: 2, sitesAdded: 0, sitesRemoved: 0 })
      expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({
        ...{ status: 'archived', purge_after: row.purge_after },
      })
      const restored = await world.stack.call('POST', `/v1/wikis/${String(wikiId)}/restore`)
      expect(restored).toMatchObject({ status: 200, body: { status: 'active' } })
    })

    test('stay although a bad list lacks them, while the farm has them when it is asked for each', async () => {
      await create('other')
      const wikiId = await create('deleted')
      await world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`)
      const { output } = await world.gate.whileAltered(theList, without(site('deleted')), world.sync)
      expect(output).toMatchObject({ sitesFound: 1, sitesRemoved: 0 })
      expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({ status: 'archived' })
    })

    test('and that were removed for good meanwhile let go of their names', async () => {
      await create('other')
      const wikiId = await create('deleted')
      await world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`)
      await uproot(farm, site('deleted'))
      expect((await world.sync()).output).toMatchObject({ sitesFound: 1, sitesRemoved: 1 })
      expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({
        ...{ status: 'deleted', claim: null, purge_after: null },
      })
    })

    test('and that others brought back are active again, and not purged', async () => {
      const wikiId = await create('brought-back')
      await world.stack.call('DELETE', `/v1/wikis/${String(wikiId)}`)
      await setStatus(farm, site('brought-back'), 'active')
      expect((await world.sync()).output).toMatchObject({ sitesFound: 1, sitesAdded: 0, sitesRemoved: 0 })
      expect(await world.stack.store.wikis.get(wikiId)).toMatchObject({
        ...{ status: 'active', serving: 'active', purge_after: null },
      })
    })
  })

  test('a site that both know is touched, and follows the farm between active and readonly', async () => {
    const wikiId = await create('known')
    const before = await world.stack.store.wikis.get(wikiId)
    await setStatus(farm, site('known'), 'readonly')
    await world.sync()
    const after = await world.stack.store.wikis.get(wikiId)
    expect(after).toEqual({ ...before, serving: 'readonly', updated_at: after.updated_at })
    expect(after.updated_at).toBeGreaterThan(before.updated_at)
  })

  test('a workflow that somebody starts without the API syncs by the same rules', async () => {
    const eve = await world.stack.newMember('eve')
    await plant(farm, site('unowned'), ownerOf('a-stranger'))
    const taskId = `by-hand-${storeEngine}`
    await world.client.workflow.start('SyncFedWikiSitesWorkflow', {
      ...{ workflowId: taskId, taskQueue: 'wikistead', args: [{ defaultUserId: eve.id }] },
    })
    expect(await world.end(taskId)).toMatchObject({
      ...{ output: { success: true, sitesAdded: 1 }, task: { kind: 'sync_sites', user_id: eve.id } },
    })
    expect(await world.wiki(site('unowned'))).toMatchObject({ owner_id: eve.id })
  })
})

/** A list that lacks one of its sites. */
const without =
  (domain: string) =>
  (body: string): string =>
    JSON.stringify((JSON.parse(body) as { name: string }[]).filter(({ name }) => name !== domain))
