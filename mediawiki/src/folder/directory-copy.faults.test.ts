/** A copy whose worker is killed or told to stop, and disks that are full, read-only or away. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { disk, isRoot, makeParts, makeTemplate } from '../../test/copied-templates.ts'
import { listFolder } from '../../test/folder-listing.ts'
import { processesWith, startStep } from '../../test/step-process.ts'
import { folderResidue } from './claimed-folder.ts'
import { copyDirectory, undoDirectoryCopy, type DirectoryCopy } from './directory-copy.ts'
import { readMarker } from './task-marker.ts'

const run = promisify(execFile)
/** Entries of a template that takes a while. */
const big = 6_000

let folder: string
let template: string
let bigTemplate: string
let farmFolder: string

beforeAll(async () => {
  folder = await mkdtemp(join(disk, 'wikistead-copy-'))
  template = join(folder, 'template')
  await makeTemplate(template)
  bigTemplate = join(folder, 'big-template')
  await makeParts(bigTemplate, big)
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  farmFolder = await mkdtemp(join(folder, 'farm-'))
})

const copyOf = (changes: Partial<DirectoryCopy> = {}): DirectoryCopy => ({
  template,
  farmFolder,
  slug: 'ada',
  task: 'task-1',
  ...changes,
})

/** A copy on a busy machine may be over before it is looked at: then it is begun again. */
async function killHalfWay(input: ReturnType<typeof copyOf>, folders: number): Promise<void> {
  for (let tries = 1; tries <= 10; tries += 1) {
    await using step = startStep('copyDirectory', input)
    const seen = expect.poll(() => unfinishedFolders(), { interval: 1 })
    await seen.toBeGreaterThan(folders).catch(() => undefined)
    await step.kill()
    // The kernel ends the copy with the worker's starter; no successor is as quick as this test.
    await expect.poll(() => processesWith(farmFolder)).toEqual([])
    const [left = '', ...others] = await readdir(farmFolder)
    if (left.startsWith('.wikistead.') && others.length === 0) return
    await undoDirectoryCopy(input)
  }
  throw new Error('the copy was never seen half-way')
}

test.each([0, 1, 15])(
  'killed after %i folders, nothing goes on, and the next attempt starts clean',
  async (folders) => {
    const input = copyOf({ template: bigTemplate })
    await killHalfWay(input, folders)
    const left = await readdir(farmFolder)
    expect(left).toHaveLength(1)
    expect(left[0]).toMatch(/^\.wikistead\.ada\.task-1\./)
    expect(await readMarker(join(farmFolder, left[0] ?? ''))).toBe('task-1')

    expect(await copyDirectory(input)).toBe('made')
    expect(await readdir(farmFolder)).toEqual(['ada'])
    expect((await listFolder(join(farmFolder, 'ada'))).length).toBe(
      (await listFolder(bigTemplate)).length + 2,
    )
    await undoDirectoryCopy(input)
    expect(await folderResidue(farmFolder, 'ada')).toEqual([])
  },
)

test('killed in the middle and undone, nothing is left', async () => {
  const input = copyOf({ template: bigTemplate })
  await killHalfWay(input, 5)
  await undoDirectoryCopy(input)
  expect(await readdir(farmFolder)).toEqual([])
})

test('an undo that was killed goes on where it was', async () => {
  const input = copyOf({ template: bigTemplate })
  await copyDirectory(input)
  await using step = startStep('undoDirectoryCopy', input)
  await expect.poll(() => readdir(farmFolder), { interval: 1 }).not.toContain('ada')
  await step.kill()
  await expect.poll(() => processesWith(farmFolder)).toEqual([])
  await undoDirectoryCopy(input)
  await undoDirectoryCopy(input)
  expect(await readdir(farmFolder)).toEqual([])
})

test('cancelled in the middle, the copy has ended before anybody hears of it, and nothing is left', async () => {
  const stop = new AbortController()
  const reason = new Error('cancelled')
  const input = copyOf({ template: bigTemplate, signal: stop.signal, onProgress: () => stop.abort(reason) })
  await expect(copyDirectory(input)).rejects.toBe(reason)
  expect(await processesWith(farmFolder)).toEqual([])
  expect(await readdir(farmFolder)).toEqual([])
  await expect(copyDirectory(input)).rejects.toBe(reason)
})

test.each(['gone', 'a file'])('a template that is %s is refused', async (what) => {
  const missing = join(farmFolder, 'template')
  if (what === 'a file') await writeFile(missing, '')
  expect(await codeOf(copyDirectory(copyOf({ template: missing })))).toBe('template_missing')
  expect(await folderResidue(farmFolder, 'ada')).toEqual([])
})

test('a farm folder that is not there is a fault, for its disk may come', async () => {
  const missing = join(farmFolder, 'not mounted')
  await expect(copyDirectory(copyOf({ farmFolder: missing }))).rejects.toMatchObject({
    final: false,
    reason: 'ENOENT',
  })
  await expect(undoDirectoryCopy(copyOf({ farmFolder: missing }))).rejects.toMatchObject({ final: false })
  await expect(stat(missing)).rejects.toThrow()
})

describe.runIf(isRoot)('on a small disk of its own', () => {
  beforeEach(async () => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,nr_inodes=2000', 'tmpfs', farmFolder])
    const mounted = farmFolder
    onTestFinished(async () => void (await run('umount', ['--lazy', mounted])))
  })

  test('a full disk is a fault; what was copied is gone, and the next attempt goes well when there is room', async () => {
    await writeFile(join(farmFolder, 'others'), Buffer.alloc(4_186_112))
    const before = await listFolder(farmFolder, { untouched: true })
    await expect(copyDirectory(copyOf())).rejects.toMatchObject({ final: false, reason: 'ENOSPC' })
    expect(await listFolder(farmFolder, { untouched: true })).toEqual(before)
    await rm(join(farmFolder, 'others'))
    expect(await copyDirectory(copyOf())).toBe('made')
  })

  test('a disk without room for more files is full too', async () => {
    await expect(copyDirectory(copyOf({ template: bigTemplate }))).rejects.toMatchObject({ reason: 'ENOSPC' })
    expect(await readdir(farmFolder)).toEqual([])
  })

  test('a disk mounted read-only is refused; an undo there is a fault until it is writable again', async () => {
    await copyDirectory(copyOf())
    await run('mount', ['-o', 'remount,ro', farmFolder])
    expect(await codeOf(copyDirectory(copyOf({ slug: 'bob' })))).toBe('folder_unwritable')
    await expect(undoDirectoryCopy(copyOf())).rejects.toMatchObject({ final: false })
    expect(await readdir(farmFolder)).toEqual(['ada'])
    await run('mount', ['-o', 'remount,rw', farmFolder])
    await undoDirectoryCopy(copyOf())
    expect(await readdir(farmFolder)).toEqual([])
  })
})

test('errors tell no path of the host', async () => {
  const missing = join(farmFolder, 'not mounted')
  const messages = await Promise.all(
    [copyOf({ template: missing }), copyOf({ farmFolder: missing })].map((input) =>
      copyDirectory(input).catch((error: unknown) => String(error)),
    ),
  )
  for (const message of messages) expect(message).not.toContain(folder)
})

/** How many of the template's folders a copy that is not in its place yet has. */
async function unfinishedFolders(): Promise<number> {
  const names = (await readdir(farmFolder)).filter((name) => name.startsWith('.wikistead.'))
  const inside = await Promise.all(names.map((name) => readdir(join(farmFolder, name))))
  return inside.flat().length
}
