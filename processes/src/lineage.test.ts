import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLineage } from './lineage.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'wikistead-lineage-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A process that has entered, until it is killed. */
async function another(id: string) {
  const program = `
    import { openLineage } from ${JSON.stringify(new URL('./lineage.ts', import.meta.url).href)}
    openLineage(${JSON.stringify(join(folder, 'data'))}).enter(${JSON.stringify(id)})
    process.stdout.write('in')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

test('processes of one folder are of one lineage, and know which of them are dead', async () => {
  const ours = openLineage(join(folder, 'data'))
  const theirs = await another('theirs')
  expect(openLineage(join(folder, 'data')).id).toBe(ours.id)
  using _entered = ours.enter('ours')
  expect(['ours', 'theirs', 'never was'].map((id) => ours.isDead(id))).toEqual([false, false, true])
  // To look at it lets nobody else in, and kills nobody.
  expect(ours.isDead('theirs')).toBe(false)
  await theirs.kill()
  expect(ours.isDead('theirs')).toBe(true)
})

test('a process that has left is dead', () => {
  const lineage = openLineage(join(folder, 'data'))
  const entered = lineage.enter('left')
  expect(lineage.isDead('left')).toBe(false)
  entered[Symbol.dispose]()
  expect(lineage.isDead('left')).toBe(true)
})

test('a copied folder begins a lineage of its own, and keeps it', async () => {
  const { id } = openLineage(join(folder, 'data'))
  await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true })
  const copied = openLineage(join(folder, 'copy')).id
  expect(copied).not.toBe(id)
  expect(openLineage(join(folder, 'copy')).id).toBe(copied)
  expect(openLineage(join(folder, 'data')).id).toBe(id)
})
