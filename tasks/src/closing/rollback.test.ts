/** Undoing beside steps that were given up for lost. Temporal's context is made up here; the undo is the test's own. */
import { asyncLocalStorage, type Context } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { Store } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeTask } from './close-task.ts'
import { finishRollback, rollbackTask, type Undo } from './rollback.ts'
import { runStep } from '../step/step.ts'
import { newTaskId } from '../temporal/task-id.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let store: Store
  let taskId: string
  let wikiId: number
  beforeEach(async () => {
    fresh = await freshStore(engine)
    store = fresh.store
    taskId = newTaskId()
    await store.transaction(async (scope) => {
      const owner = await scope.users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' })
      const wiki = await scope.wikis.insert({
        ...{ engine: 'mediawiki', address: 'ada', name: 'Ada', status: 'creating', visibility: 'public' },
        ...{ customDomain: false, ownerId: owner.user_id, ownerSubject: '', ownerName: 'Ada', taskId },
        ...{ language: 'en', host: 'one' },
      })
      wikiId = wiki.wiki_id
      await scope.tasks.insert({
        ...{ taskId, kind: 'create_wiki', engine: 'mediawiki', wikiId, userId: owner.user_id },
        ...{ workflowType: 'CreateMediaWikiWorkflow', input: {}, message: 'Creating ada.' },
      })
    })
  })
  afterEach(() => fresh[Symbol.asyncDispose]())

  const inActivity = <T>(act: () => Promise<T>): Promise<T> => {
    const context = {
      info: {
        ...{ attempt: 1, currentAttemptScheduledTimestampMs: 1, retryPolicy: {} },
        workflowExecution: { workflowId: taskId, runId: '' },
      },
      cancellationSignal: new AbortController().signal,
      heartbeat: () => undefined,
    }
    return asyncLocalStorage.run(context as unknown as Context, act)
  }
  const silent = { warn: () => undefined, error: () => undefined }

  /** The phase after which the wiki is used; it ends when `act` does. */
  const flip = (act: () => Promise<void> = () => Promise.resolve()) =>
    inActivity(() =>
      runStep<void>(
        { store, log: silent },
        {
          ...{ run: 1, phase: 'flip_bootstrap', from: 80, message: 'Putting the wiki into service.' },
          ledger: { step: 'flip_bootstrap', detail: () => ({ slug: 'ada' }), leftNothing: () => false },
          recall: () => Promise.resolve(),
        },
        act,
        async (scope) => {
          await scope.wikis.change(wikiId, { status: 'active' })
          return {
            type: 'progress',
            status: 'running',
            progress: 88,
            message: 'ada can be used.',
            phase: 'flip_bootstrap',
          }
        },
      ),
    )
  const lost = { run: 1, code: 'host_away', message: 'The machine is away.', supportUrl: '' } as const
  const rollback = (undo: Undo) => inActivity(() => rollbackTask(store, undo)(lost))
  const never: Undo = () => Promise.reject(new Error('nothing was to be undone'))

  const expectKept = async () => {
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'active', claim: 'ada', task_id: null })
    const task = await store.tasks.get(taskId)
    expect(task).toMatchObject({ status: 'succeeded', code: null })
    expect(task.warning).toContain('The wiki works')
    expect(await store.ledger.open(taskId)).toEqual([])
    // Search is what is missing, and no more.
    expect(await store.alarms.open()).toMatchObject([{ code: 'index_failed', subject: 'ada' }])
  }

  test('a wiki that people use is taken back by no rollback', async () => {
    await flip()
    expect(await store.ledger.get(taskId, 'flip_bootstrap')).toMatchObject({ state: 'sealed' })
    expect(await rollback(never)).toBe('kept')
    await expectKept()
  })

  test('nor by a close with whatever code, nor by the sweep of what an older release closed in part', async () => {
    await flip()
    const close = () =>
      store.transaction((scope) => closeTask(scope, { taskId, run: 1 }, { code: 'terminated', message: '' }))
    expect(await close()).toBe('kept')
    await expectKept()
    expect(await close()).toBe('kept')
    await store.transaction((scope) => scope.tasks.revive(taskId, 'Indexing again.', { resume: 'index' }))
    await store.transaction((scope) =>
      scope.tasks.append({
        ...{ taskId, run: 2, event: { type: 'status', status: 'failed', code: 'rollback_incomplete' } },
      }),
    )
    await finishRollback(store, never)({ taskId })
    expect(await store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', run: 2 })
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'active', claim: 'ada' })
  })

  test('what an older release put into service, and sealed nothing, stays as well', async () => {
    await store.transaction(async (scope) => {
      await scope.ledger.reach(taskId, 'db_provision', wikiId, { slug: 'ada' })
      await scope.wikis.change(wikiId, { status: 'active' })
    })
    expect(await rollback(never)).toBe('kept')
    expect(await store.ledger.get(taskId, 'db_provision')).toMatchObject({ state: 'sealed' })
    await expectKept()
  })

  test('a step that was given up for lost ends in vain once undoing has begun', async () => {
    const begun = Promise.withResolvers<undefined>()
    const end = Promise.withResolvers<void>()
    const late = flip(() => {
      begun.resolve(undefined)
      return end.promise
    })
    await begun.promise
    const undone: string[] = []
    const closed = await rollback(async () => {
      end.resolve()
      await expect(late).rejects.toBeInstanceOf(CancelledFailure)
      undone.push(...(await store.ledger.open(taskId)).map(({ step }) => step))
      return 'as_before'
    })
    expect([closed, undone]).toEqual(['nothing_left', ['flip_bootstrap']])
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'failed', claim: null })
    expect(await store.tasks.get(taskId)).toMatchObject({ status: 'failed', code: 'host_away' })
  })

  test('nor does one begin then, and its attempt is told to nobody', async () => {
    const seen = await store.transaction(async (scope) => scope.tasks.get(taskId))
    const closed = await rollback(async () => {
      await expect(flip()).rejects.toBeInstanceOf(CancelledFailure)
      return 'as_before'
    })
    expect(closed).toBe('nothing_left')
    const events = await store.tasks.eventsAfter(taskId, seen.last_seq)
    expect(events.map(({ type }) => type)).toEqual(['status'])
  })

  test('a rollback that comes twice closes once', async () => {
    const undo: Undo = () => Promise.resolve('as_before')
    expect(await rollback(undo)).toBe('nothing_left')
    expect(await rollback(never)).toBe('nothing_left')
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'failed' })
  })

  test('what cannot be undone keeps the name, until it can', async () => {
    await expect(flip(() => Promise.reject(new Error('the host died')))).rejects.toThrow()
    await expect(rollback(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
    const close = () =>
      store.transaction((scope) =>
        closeTask(scope, { taskId, run: 1 }, { code: 'host_away', message: 'Away.' }),
      )
    expect(await close()).toBe('part')
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'creating', claim: 'ada' })
    expect(await store.alarms.find('rollback_incomplete', taskId)).toBeDefined()
    await inActivity(() => finishRollback(store, () => Promise.resolve('as_before'))({ taskId }))
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'failed', claim: null })
    expect(await store.alarms.open()).toEqual([])
  })
})
