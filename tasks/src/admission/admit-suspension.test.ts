/** What an operator's suspension does to everything else that may be asked of a wiki; on both engines. */
import { Refusal, type RefusalCode } from '@wikistead/contracts'
import type { WikiRow } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeTask } from '../closing/close-task.ts'
import { newTaskId } from '../temporal/task-id.ts'
import { acceptTransfer } from './accept-transfer.ts'
import { admitChange, admitCreate, admitDelete, admitPurge, admitRestore } from './admission.ts'
import { admitDueSuspension, admitSuspension } from './admit-suspension.ts'
import { refuseToRemoveSuspended } from './refuse-suspended.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let owner: number
  let operator: number
  beforeEach(async () => {
    fresh = await freshStore(engine)
    owner = await person('owner', 'member')
    operator = await person('operator', 'operator')
  })
  afterEach(() => fresh[Symbol.asyncDispose]())

  const person = async (name: string, role: 'member' | 'operator') =>
    (
      await fresh.store.transaction((scope) =>
        scope.users.ensure({ name, role, issuer: 'test', subject: name, siteLimit: null }),
      )
    ).user_id

  const base = (wikiId: number, userId = owner) => ({ taskId: newTaskId(), userId, supportUrl: '', wikiId })

  /** A wiki whose creation is at work. */
  async function creating(domain: string) {
    const { task, wiki } = await admitCreate(fresh.store, {
      ...{ taskId: newTaskId(), userId: owner, domain, name: domain, supportUrl: '', siteLimit: 100 },
      ...{ isCustomDomain: false, ownerName: 'x', ownerId: 'sub' },
    })
    return { task, wikiId: wiki?.wiki_id ?? 0 }
  }
  async function idle(domain: string, change: Parameters<typeof fresh.store.wikis.change>[1] = {}) {
    const { task, wikiId } = await creating(domain)
    await fresh.store.wikis.change(wikiId, { status: 'active', ...change })
    await fresh.store.wikis.letGo(wikiId, task.task_id)
    return wikiId
  }
  const decide = (wikiId: number, reason: string | null) =>
    admitSuspension(fresh.store, { ...base(wikiId, operator), reason })
  const stateOf = async (wikiId: number) => ({
    ...(await fresh.store.wikis.get(wikiId)),
    ...{ updated_at: 0, task_id: null, suspended_by: null },
  })
  /** As the task's last phase does. */
  async function told(wikiId: number) {
    await fresh.store.transaction(async (scope) => {
      const wiki = await scope.wikis.lock(wikiId)
      await scope.suspensions.settle(wiki, wiki.suspension_reason)
      await scope.wikis.letGo(wikiId, wiki.task_id ?? '')
    })
  }
  async function codeOf(act: Promise<unknown>): Promise<RefusalCode | undefined> {
    try {
      await act
      return undefined
    } catch (error) {
      if (error instanceof Refusal) return error.code
      throw error
    }
  }

  test('it is decided at once, told by a task of the operator’s, and lifted to what was before', async () => {
    for (const [name, change] of [
      ['plain', {}],
      ['reading', { serving: 'readonly', featured: 1 }],
      ['put-away', { status: 'archived' }],
    ] as const) {
      const wikiId = await idle(`${name}.wiki.test`, change)
      const before = await stateOf(wikiId)
      const { task, wiki } = await decide(wikiId, 'Spam.')
      expect(task).toMatchObject({ kind: 'suspend_wiki', user_id: operator, lane: null })
      expect(wiki).toMatchObject({
        suspension_reason: 'Spam.',
        task_id: task?.task_id,
        status: before.status,
      })
      await told(wikiId)
      expect(await fresh.store.wikis.get(wikiId)).toMatchObject({ suspension_due: null, task_id: null })
      const lifted = await decide(wikiId, null)
      expect(lifted.task).toMatchObject({ kind: 'lift_suspension' })
      await told(wikiId)
      expect(await stateOf(wikiId)).toEqual(before)
    }
  })

  test('the same decision once more changes nothing; another reason replaces the one before', async () => {
    const wikiId = await idle('twice.wiki.test')
    expect((await decide(wikiId, null)).task).toBeUndefined()
    await decide(wikiId, 'Spam.')
    await told(wikiId)
    const first = await fresh.store.wikis.get(wikiId)
    expect(await decide(wikiId, 'Spam.')).toEqual({ wiki: first, task: undefined })
    const { task, wiki } = await decide(wikiId, 'SPAM.')
    expect(task).toMatchObject({ kind: 'suspend_wiki' })
    expect(wiki).toMatchObject({ suspended_at: first.suspended_at, suspension_reason: 'SPAM.' })
    await told(wikiId)
    await decide(wikiId, null)
    await told(wikiId)
    expect((await decide(wikiId, null)).task).toBeUndefined()
  })

  test('a wiki that is busy is suspended at once, and told when it is free; a decision meanwhile is the one told', async () => {
    const { task: create, wikiId } = await creating('busy.wiki.test')
    const decided = await decide(wikiId, 'Spam.')
    expect(decided).toMatchObject({ task: undefined, wiki: { suspension_reason: 'Spam.' } })
    expect(await fresh.store.suspensions.due()).toEqual([])
    await fresh.store.wikis.change(wikiId, { status: 'active' })
    await fresh.store.wikis.letGo(wikiId, create.task_id)
    expect((await fresh.store.suspensions.due()).map((wiki) => wiki.wiki_id)).toEqual([wikiId])
    const due = await admitDueSuspension(fresh.store, base(wikiId), fresh.store.now() + 600_000)
    expect(due.task).toMatchObject({ kind: 'suspend_wiki', user_id: operator })

    // Lifted while the wiki is being told: what it was told is not what is wanted any more.
    expect((await decide(wikiId, null)).task).toBeUndefined()
    await fresh.store.transaction(async (scope) => {
      await scope.suspensions.settle(await scope.wikis.lock(wikiId), 'Spam.')
      await scope.wikis.letGo(wikiId, due.task?.task_id ?? '')
    })
    const [again] = await fresh.store.suspensions.due()
    expect(again?.wiki_id).toBe(wikiId)
    expect((await admitDueSuspension(fresh.store, base(wikiId), 0)).task).toMatchObject({
      kind: 'lift_suspension',
    })
  })

  test('a task that fails takes nothing of the decision back; an alarm stands until one succeeds', async () => {
    const wikiId = await idle('away.wiki.test', { status: 'archived', purge_after: 5 })
    const before = await stateOf(wikiId)
    const { task } = await decide(wikiId, 'Spam.')
    const taskId = task?.task_id ?? ''
    const outcome = { code: 'host_away', message: 'It is away.' } as const
    await fresh.store.transaction((scope) => closeTask(scope, { taskId, run: 1 }, outcome))
    expect(await stateOf(wikiId)).toMatchObject({
      ...{ status: 'archived', purge_after: before.purge_after, suspension_reason: 'Spam.' },
      suspension_due: expect.any(Number) as number,
    })
    expect(await fresh.store.alarms.open('suspension_unenforced')).toMatchObject([
      { subject: 'away.wiki.test' },
    ])
    // Asked for once more it is tried at once.
    expect((await decide(wikiId, 'Spam.')).task).toMatchObject({ kind: 'suspend_wiki' })
  })

  test('its owner can neither change, delete, restore, give away nor remove it; the sweeper leaves it', async () => {
    const { store } = fresh
    const wikiId = await idle('theirs.wiki.test', { visibility: 'public' })
    const { transfer } = await store.transaction((scope) => scope.transfers.offer(wikiId, owner))
    await decide(wikiId, 'Spam.')
    await told(wikiId)
    const before = await stateOf(wikiId)
    const siteLimit = 100
    expect(await codeOf(admitChange(store, { ...base(wikiId), change: { serving: 'active' } }))).toBe(
      'wiki_suspended',
    )
    expect(await codeOf(admitDelete(store, base(wikiId)))).toBe('wiki_suspended')
    expect(await codeOf(admitDelete(store, { ...base(wikiId), now: true }))).toBe('wiki_suspended')
    expect(await codeOf(admitDelete(store, { ...base(wikiId), evenSuspended: true }))).toBe('wiki_suspended')
    const accept = acceptTransfer(store, {
      ...{ taskId: newTaskId(), userId: operator, supportUrl: '', farmLimit: 100, transfer },
      owner: { userId: operator, name: 'x', subject: 'x' },
    })
    expect(await codeOf(accept)).toBe('wiki_suspended')
    expect(await store.transfers.get(transfer.transfer_id)).toMatchObject({ status: 'offered' })
    expect(await stateOf(wikiId)).toEqual(before)

    const deleted = await idle('deleted.wiki.test', { status: 'archived', purge_after: 1 })
    await decide(deleted, 'Spam.')
    await told(deleted)
    expect(await codeOf(admitRestore(store, { ...base(deleted), siteLimit }))).toBe('wiki_suspended')
    expect(await store.wikis.purgeable(store.now())).toEqual([])
    expect(await codeOf(admitPurge(store, { ...base(deleted), expiredBy: store.now() }))).toBe(
      'wiki_suspended',
    )
    // An operator may remove what must not be kept.
    const purge = await admitDelete(store, { ...base(deleted, operator), now: true, evenSuspended: true })
    expect(purge.task.kind).toBe('purge_wiki')
    await refuseToRemoveSuspended(store, purge.task)
  })

  test('a removal that was let in before it is stopped by it', async () => {
    const wikiId = await idle('late.wiki.test')
    const { task } = await admitDelete(fresh.store, { ...base(wikiId), now: true })
    await refuseToRemoveSuspended(fresh.store, task)
    await decide(wikiId, 'Spam.')
    expect(await codeOf(refuseToRemoveSuspended(fresh.store, task))).toBe('wiki_suspended')
  })

  test('an undo window stands still meanwhile', async () => {
    const until = fresh.store.now() + 1_000
    const wikiId = await idle('window.wiki.test', { status: 'archived', purge_after: until })
    await decide(wikiId, 'Spam.')
    await told(wikiId)
    const { suspended_at: since } = await fresh.store.wikis.get(wikiId)
    await fresh.store.transaction(async (scope) => {
      const wiki: WikiRow = { ...(await scope.wikis.lock(wikiId)), suspended_at: (since ?? 0) - 86_400_000 }
      await scope.suspensions.lift(wiki, operator)
    })
    const { purge_after: now } = await fresh.store.wikis.get(wikiId)
    expect(now).toBeGreaterThanOrEqual(until + 86_400_000)
  })

  test('nobody else hears of it, and it counts in its owner’s quota', async () => {
    const wikiId = await idle('hidden.wiki.test')
    const count = () => fresh.store.wikis.countOwned(owner, 'fedwiki')
    const seen = async (seenBy: number, text?: string) =>
      (await fresh.store.wikis.list({ limit: 10, seenBy, ...(text !== undefined && { text }) })).map(
        (wiki) => wiki.wiki_id,
      )
    const before = await count()
    expect(await seen(0)).toEqual([wikiId])
    await decide(wikiId, 'Spam.')
    expect([await seen(0), await seen(0, 'hidden'), await seen(owner)]).toEqual([[], [], [wikiId]])
    expect(await fresh.store.wikis.list({ limit: 10 })).toMatchObject([{ suspension_reason: 'Spam.' }])
    expect(await count()).toBe(before)
  })
})
