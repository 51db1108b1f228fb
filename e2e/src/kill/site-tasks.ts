/** Every activity of ours with a task that runs it, the farm's request in the middle of it, and what it must lead to. */
import { expect } from 'vitest'
import type { Asked } from '../../test/held-farm.ts'
import { full, newOwner, type KillWorld } from '../../test/kill-world.ts'

export interface SiteTask {
  readonly activity: string
  /** Makes what the task works on. */
  prepare(world: KillWorld, label: string): Promise<number | undefined>
  /** Returns the task's id. */
  begin(world: KillWorld, label: string, wikiId: number | undefined): Promise<string>
  /** The call in the middle of the activity; none where it works in our own database only. */
  readonly middle?: (asked: Asked, domain: string) => boolean
  /** What is true in the end, whatever was killed. */
  expectEnd(world: KillWorld, label: string, taskId: string): Promise<void>
}

const nothing = () => Promise.resolve(undefined)
const siteIs = (method: string) => (asked: Asked, domain: string) =>
  asked.method === method && asked.domain === domain

export const siteTasks: readonly SiteTask[] = [
  {
    activity: 'CheckQuotaActivity',
    prepare: nothing,
    begin: (world, label) => world.create(label),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectOneSite(label)
    },
  },
  {
    activity: 'CreateFedWikiSiteActivity',
    prepare: nothing,
    begin: (world, label) => world.create(label),
    middle: siteIs('POST'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectOneSite(label)
      expect(await world.serving(label)).toBe('active')
    },
  },
  {
    activity: 'DeleteFedWikiSiteActivity',
    prepare: (world, label) => world.madeBefore(label),
    begin: (world, _label, wikiId) => world.ask('DELETE', `/v1/wikis/${String(wikiId)}`),
    middle: siteIs('DELETE'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectOneSite(label, { status: 'archived' })
      expect(await world.serving(label)).toBe('archived')
    },
  },
  {
    activity: 'RestoreFedWikiSiteActivity',
    async prepare(world, label) {
      const wikiId = await world.madeBefore(label)
      await world.expectEnd(await world.ask('DELETE', `/v1/wikis/${String(wikiId)}`), { status: 'succeeded' })
      return wikiId
    },
    begin: (world, _label, wikiId) => world.ask('POST', `/v1/wikis/${String(wikiId)}/restore`),
    middle: siteIs('PATCH'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectOneSite(label)
      expect(await world.serving(label)).toBe('active')
    },
  },
  {
    activity: 'PurgeFedWikiSiteActivity',
    prepare: (world, label) => world.madeBefore(label),
    begin: (world, _label, wikiId) => world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`),
    middle: siteIs('DELETE'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectNoSite(label)
    },
  },
  {
    activity: 'ChangeFedWikiSiteActivity',
    prepare: (world, label) => world.madeBefore(label),
    begin: (world, _label, wikiId) =>
      world.ask('PATCH', `/v1/wikis/${String(wikiId)}`, { serving: 'readonly', owner_id: world.newOwnerId }),
    middle: siteIs('PATCH'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'succeeded' })
      await world.expectOneSite(label, { owner: newOwner })
      expect(await world.serving(label)).toBe('readonly')
    },
  },
  {
    activity: 'RollbackFedWikiTaskActivity',
    prepare: nothing,
    /** Cancelled when the farm has made the site, so that there is something to undo. */
    async begin(world, label) {
      const made = world.gate.hold(
        'answer',
        (asked) => asked.method === 'POST' && asked.domain === full(label),
      )
      const taskId = await world.create(label)
      await made.arrived
      expect(await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)).toMatchObject({ status: 202 })
      return taskId
    },
    middle: siteIs('DELETE'),
    async expectEnd(world, label, taskId) {
      await world.expectEnd(taskId, { status: 'failed', code: 'cancelled' })
      await world.expectNoSite(label)
      expect(world.creations(label)).toBe(1)
    },
  },
  {
    activity: 'ListFedWikiSitesActivity',
    prepare: nothing,
    begin: beginSync,
    middle: ({ method, domain }) => method === 'GET' && domain === '',
    expectEnd: expectSync,
  },
]

/** The other half of a sync: one at a time, so it has its own turn. */
export const syncTask: SiteTask = {
  activity: 'SyncSitesToDBActivity',
  prepare: nothing,
  begin: beginSync,
  expectEnd: expectSync,
}

async function beginSync(world: KillWorld): Promise<string> {
  const { body } = await world.stack.call('POST', '/v1/fedwiki/sync/trigger', {})
  return String(body['task_id'])
}

async function expectSync(world: KillWorld, _label: string, taskId: string): Promise<void> {
  await world.expectEnd(taskId, { status: 'succeeded' })
  // Nothing was invented, and nothing was lost: every active row of ours has its folder.
  const wikis = await world.stack.store.wikis.list({ limit: 200, status: 'active' })
  for (const { address, claim } of wikis) expect(claim).toBe(address)
  expect(await world.stack.store.alarms.open('sync_untrusted')).toEqual([])
}
