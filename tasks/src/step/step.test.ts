/** Attempts that Temporal has given up for lost may still be at work. Temporal's context is made up here. */
import { asyncLocalStorage, type Context } from '@temporalio/activity'
import type { Store } from '@wikistead/store'
import { freshStore, storeEngines, type TestStore } from '@wikistead/test/stores'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runStep, type StepPlan } from './step.ts'
import { newTaskId } from '../temporal/task-id.ts'

describe.each(storeEngines)('on %s', (engine) => {
  let fresh: TestStore
  let store: Store
  let taskId: string
  beforeEach(async () => {
    fresh = await freshStore(engine)
    store = fresh.store
    taskId = newTaskId()
    await store.transaction((scope) =>
      scope.tasks.insert({
        ...{ taskId, kind: 'sync_sites', engine: 'fedwiki', wikiId: null, userId: 1 },
        ...{ workflowType: 'SyncFedWikiSitesWorkflow', input: {}, message: 'Syncing.' },
      }),
    )
  })
  afterEach(() => fresh[Symbol.asyncDispose]())

  const silent = { warn: () => undefined, error: () => undefined }
  const plan: StepPlan<string> = {
    ...{ run: 1, phase: 'list_sites', from: 5, message: 'Asking the farm.' },
    recall: () => Promise.resolve('as it was told'),
  }

  /** An attempt; what it changes in our rows is the setting `result`. */
  const attempt = (number: number, act: () => Promise<string>, what = plan) => {
    const context = {
      info: {
        ...{ attempt: number, currentAttemptScheduledTimestampMs: number, retryPolicy: {} },
        workflowExecution: { workflowId: taskId, runId: '' },
      },
      cancellationSignal: new AbortController().signal,
      heartbeat: () => undefined,
    }
    return asyncLocalStorage.run(context as unknown as Context, () =>
      runStep({ store, log: silent }, what, act, async (scope, value) => {
        await scope.settings.set('result', value)
        return { type: 'progress', status: 'running', progress: 60, message: value, phase: 'list_sites' }
      }),
    )
  }

  test('of two attempts at once the first to end is believed, and the other changes nothing more', async () => {
    const begun = Promise.withResolvers<undefined>()
    const late = Promise.withResolvers<string>()
    const lost = attempt(1, () => {
      begun.resolve(undefined)
      return late.promise
    })
    await begun.promise
    expect(await attempt(2, () => Promise.resolve('second'))).toBe('second')
    late.resolve('first')
    expect(await lost).toBe('as it was told')
    expect(await store.settings.get('result')).toBe('second')
    const events = await store.tasks.eventsAfter(taskId, 0)
    expect(events.filter(({ json }) => json.includes('"progress":60'))).toHaveLength(1)
  })

  const ledger = { step: 'make', detail: () => ({}), leftNothing: () => true }
  const line = async () => (await store.ledger.get(taskId, 'make'))?.state

  test('an attempt that left nothing says so of itself, not of the one that took its place', async () => {
    const begun = Promise.withResolvers<undefined>()
    const late = Promise.withResolvers<string>()
    const lost = attempt(
      1,
      () => {
        begun.resolve(undefined)
        return late.promise
      },
      { ...plan, ledger },
    )
    await begun.promise
    const acting = Promise.withResolvers<undefined>()
    const ended = Promise.withResolvers<string>()
    const second = attempt(
      2,
      () => {
        acting.resolve(undefined)
        return ended.promise
      },
      { ...plan, ledger },
    )
    await acting.promise
    late.reject(new Error('no connection'))
    await expect(lost).rejects.toThrow('no connection')
    expect(await line()).toBe('reached')
    ended.resolve('second')
    await second
  })

  test('an attempt that left nothing leaves nothing to undo', async () => {
    const failing = attempt(1, () => Promise.reject(new Error('no connection')), { ...plan, ledger })
    await expect(failing).rejects.toThrow('no connection')
    expect(await line()).toBe('void')
  })

  test('an attempt of a life that is over changes nothing, and an alarm says so', async () => {
    const lost = attempt(1, async () => {
      const event = { type: 'status', status: 'failed', code: 'terminated' } as const
      await store.transaction((scope) => scope.tasks.append({ taskId, run: 1, event }))
      return 'too late'
    })
    await expect(lost).rejects.toMatchObject({ code: 'fenced' })
    expect(await store.settings.get('result')).toBeUndefined()
    expect(await store.alarms.find('task_fenced', taskId)).toBeDefined()
  })
})
