/** Ten thousand sites of a scripted farm: what grows with them, and what must not. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { superviseChild, type SupervisedChild } from '@wikistead/processes'
import { startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSyncWorld, type SyncWorld } from '../../test/sync-world.ts'

const many = 10_000

let farm: ScriptedFarm
beforeAll(async () => {
  farm = await startScriptedFarm()
})
afterAll(() => farm[Symbol.asyncDispose]())

/** Replaces the farm's sites. What else is in each owner.json is nobody's business. */
function plant(count: number, elseBytes = 0): void {
  farm.sites.clear()
  const fat = 'x'.repeat(elseBytes)
  for (let at = 0; at < count; at += 1) {
    farm.sites.set(`site-${String(at)}.wiki.localhost`, {
      ...{ status: 'active', pages: 1 },
      owner: { name: `Owner ${String(at)}`, oauth2: { id: `sub-${String(at)}` }, fat },
    })
  }
}

describe.each(storeEngines)('a scripted farm of 10,000 sites, with the store on %s', (storeEngine) => {
  let world: SyncWorld
  let worker: SupervisedChild

  beforeAll(async () => {
    world = await startSyncWorld(farm.url, { storeEngine, run: ['api'], gated: false })
    worker = await superviseChild({
      name: 'the worker',
      command: process.execPath,
      args: [join(import.meta.dirname, '../../../cli/src/main.ts'), 'worker', ...world.stack.flags],
      // The text of the longest list is 50 MB: too much to be held together with what is read out of it.
      env: { NODE_OPTIONS: '--max-old-space-size=100' },
      logFile: join(world.stack.folder, 'worker.log'),
      ready: async () => {},
    })
  })
  afterAll(async () => {
    await worker.stop()
    await world[Symbol.asyncDispose]()
  })

  /** The most memory that the worker has ever had, in MiB. */
  async function peak(): Promise<number> {
    const status = await readFile(`/proc/${String(worker.state.pid)}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
  }

  async function historyBytes(taskId: string): Promise<number> {
    return (await world.client.workflow.getHandle(taskId).describe()).historySize ?? 0
  }

  test('is added, kept and let go in bounded memory, with a history as small as that of ten', async () => {
    plant(10)
    const few = await world.sync()
    expect(few.output).toMatchObject({ success: true, sitesAdded: 10 })
    const peakOfFew = await peak()

    plant(many, 5_000)
    const added = await world.sync()
    expect(added.output).toMatchObject({ success: true, sitesFound: many, sitesAdded: many - 10 })
    plant(many)
    const kept = await world.sync()
    expect(kept.output).toMatchObject({ success: true, sitesFound: many, sitesAdded: 0, sitesRemoved: 0 })

    plant(9_500)
    const removed = await world.sync()
    expect(removed.output).toMatchObject({ success: true, sitesRemoved: 500 })
    plant(1_000)
    const refused = await world.sync()
    expect(refused.output).toMatchObject({ success: false, sitesFound: 1_000, sitesRemoved: 0 })

    expect(await peak()).toBeLessThan(peakOfFew + 150)
    const smallest = await historyBytes(few.task.task_id)
    for (const { task } of [added, kept, removed]) {
      expect(await historyBytes(task.task_id)).toBeLessThan(smallest + 500)
    }
  })
})
