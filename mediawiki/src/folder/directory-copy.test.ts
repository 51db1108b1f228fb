import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { chown, lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { disk, letClockTick, makeParts, makeTemplate } from '../../test/copied-templates.ts'
import { makeVictim, startFolderSwapper } from '../../test/folder-swapper.ts'
import { phpUser } from '../../test/php-user.ts'
import { listFolder } from '../../test/folder-listing.ts'
import { folderResidue } from './claimed-folder.ts'
import { copyDirectory, undoDirectoryCopy, type DirectoryCopy } from './directory-copy.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { readMarker, writeMarker } from './task-marker.ts'

/** Entries of a template whose names do not come in one piece. */
const big = 1_000

let folder: string
let template: string
let bigTemplate: string
let farmFolder: string

beforeAll(async () => {
  folder = await mkdtemp(join(disk, 'wikistead-copy-'))
  // PHP's user walks through it.
  chmodSync(folder, 0o755)
  template = join(folder, 'template')
  await makeTemplate(template)
  bigTemplate = join(folder, 'big-template')
  await makeParts(bigTemplate, big)
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  farmFolder = await mkdtemp(join(folder, 'farm-'))
  chmodSync(farmFolder, 0o755)
})

const copyOf = (changes: Partial<DirectoryCopy> = {}): DirectoryCopy => ({
  template,
  farmFolder,
  slug: 'ada',
  task: 'task-1',
  ...changes,
})

test('a copy is the template with its modes, owners, times and links, and the marker of its task', async () => {
  const before = await listFolder(template, { untouched: true })
  const seen: number[] = []
  expect(await copyDirectory(copyOf({ onProgress: ({ entries }) => seen.push(entries) }))).toBe('made')
  const wiki = join(farmFolder, 'ada')
  expect(await readMarker(wiki)).toBe('task-1')
  await rm(join(wiki, '.wikistead-task'))
  expect(await listFolder(wiki)).toEqual(await listFolder(template))
  expect((await stat(wiki)).mode).toBe((await stat(template)).mode)
  expect((await lstat(join(wiki, 'one'))).ino).toBe((await lstat(join(wiki, 'other'))).ino)
  expect(await listFolder(template, { untouched: true })).toEqual(before)
  expect(await readdir(farmFolder)).toEqual(['ada'])
  expect(seen.at(-1)).toBeGreaterThan(5)
})

test('progress comes while it copies, and knows the whole from the second time on', async () => {
  const progress: (number | undefined)[][] = []
  for (const slug of ['first', 'second']) {
    const steps: (number | undefined)[] = []
    progress.push(steps)
    const onProgress: DirectoryCopy['onProgress'] = ({ entries, expected }) => steps.push(entries, expected)
    await copyDirectory(copyOf({ template: bigTemplate, slug, onProgress }))
  }
  const [first = [], second = []] = progress
  expect(first.slice(-2)).toEqual([big, undefined])
  expect(first.length).toBeGreaterThan(2)
  expect(second.slice(-2)).toEqual([big, big])
})

test('done again by the same task, what stands is kept, and a killed attempt of it is swept away', async () => {
  await copyDirectory(copyOf())
  await writeFile(join(farmFolder, 'ada', 'written later'), 'kept')
  await mkdir(join(farmFolder, '.wikistead.ada.task-1.0000'))
  const before = await listFolder(join(farmFolder, 'ada'), { untouched: true })
  expect(await copyDirectory(copyOf())).toBe('kept')
  expect(await listFolder(join(farmFolder, 'ada'), { untouched: true })).toEqual(before)
  expect(await readdir(farmFolder)).toEqual(['ada'])
})

test("a marker in the template is not the copy's", async () => {
  const old = join(folder, 'used-template')
  await makeTemplate(old)
  await symlink('/etc/hostname', join(old, '.wikistead-task'))
  await letClockTick(old)
  await copyDirectory(copyOf({ template: old }))
  expect(await readMarker(join(farmFolder, 'ada'))).toBe('task-1')
  expect((await lstat(join(farmFolder, 'ada', '.wikistead-task'))).isSymbolicLink()).toBe(false)
})

const others: readonly (readonly [what: string, make: (path: string) => Promise<unknown>])[] = [
  ['an empty folder', (path) => mkdir(path)],
  ['a folder with files', (path) => makeTemplate(path)],
  [
    "another task's wiki",
    async (path) => {
      await mkdir(path)
      await writeMarker(path, 'task-2')
    },
  ],
  ['a file', (path) => writeFile(path, 'mine')],
  ['a link to nowhere', (path) => symlink('nowhere', path)],
  [
    'a link to a wiki of ours',
    async (path) => {
      await mkdir(`${path}-elsewhere`)
      await writeMarker(`${path}-elsewhere`, 'task-1')
      await symlink(`${path}-elsewhere`, path)
    },
  ],
]

test.each(others)(
  '%s made by somebody else is refused, and stays untouched, also by the undo',
  async (_, make) => {
    await make(join(farmFolder, 'ada'))
    const before = await listFolder(farmFolder, { untouched: true })
    expect(await codeOf(copyDirectory(copyOf()))).toBe('folder_foreign')
    await undoDirectoryCopy(copyOf())
    expect(await listFolder(farmFolder, { untouched: true })).toEqual(before)
  },
)

test.each(['../ada', '-a', 'a-', 'x'.repeat(64), 'xn--ada', 'Ada', '.', ''])(
  '%j never becomes a path',
  async (slug) => {
    const inner = join(farmFolder, 'inner')
    await mkdir(inner)
    await mkdir(join(farmFolder, 'ada'))
    await writeMarker(join(farmFolder, 'ada'), 'task-1')
    const before = await listFolder(farmFolder, { untouched: true })
    expect(await codeOf(copyDirectory(copyOf({ slug, farmFolder: inner })))).toBe('invalid_slug')
    expect(await codeOf(undoDirectoryCopy(copyOf({ slug, farmFolder: inner })))).toBe('invalid_slug')
    expect(await listFolder(farmFolder, { untouched: true })).toEqual(before)
  },
)

test('of fifty tasks at once one wins, its copy is whole, and the others leave nothing', async () => {
  const ends = await Promise.all(
    Array.from({ length: 50 }, (_, n) => codeOf(copyDirectory(copyOf({ task: `task-${String(n)}` })))),
  )
  expect(ends.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'folder_foreign'), 'made'])
  const winner = `task-${String(ends.indexOf('made'))}`
  expect(await readMarker(join(farmFolder, 'ada'))).toBe(winner)
  expect(await readdir(farmFolder)).toEqual(['ada'])
  const losers = Array.from(ends.keys()).filter((n) => ends[n] !== 'made')
  await Promise.all(losers.map((n) => undoDirectoryCopy(copyOf({ task: `task-${String(n)}` }))))
  await rm(join(farmFolder, 'ada', '.wikistead-task'))
  expect(await listFolder(join(farmFolder, 'ada'))).toEqual(await listFolder(template))
})

test('attempts of one task at once end with one whole copy', async () => {
  const ends = await Promise.allSettled(Array.from({ length: 8 }, () => copyDirectory(copyOf())))
  // One may have its unfinished copy swept away by another, and would be tried again.
  expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true)
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(ProvisioningFault)
  expect(await copyDirectory(copyOf())).toBe('kept')
  await rm(join(farmFolder, 'ada', '.wikistead-task'))
  expect(await readdir(farmFolder)).toEqual(['ada'])
  expect(await listFolder(join(farmFolder, 'ada'))).toEqual(await listFolder(template))
})

const changes: readonly (readonly [what: string, change: (template: string) => void])[] = [
  ['a file was added', (path) => writeFileSync(join(path, 'new'), 'new')],
  ['a file was written', (path) => writeFileSync(join(path, '0', '0'), 'new')],
  ['a file was removed', (path) => rmSync(join(path, '1', '198'))],
  ['a file got other rights', (path) => chmodSync(join(path, '1', '5'), 0o600)],
  ['a folder was renamed', (path) => renameSync(join(path, '1'), join(path, '2'))],
  ['all of it was removed', (path) => rmSync(path, { recursive: true })],
]

test.each(changes)('%s in the template half-way: that copy is thrown away', async (_, change) => {
  const changing = join(farmFolder, 'template')
  await makeParts(changing, 400)
  let changed = false
  const onProgress = () => {
    if (!changed) change(changing)
    changed = true
  }
  const input = copyOf({ template: changing, onProgress })
  await expect(copyDirectory(input)).rejects.toMatchObject({ final: false, reason: 'template_changed' })
  expect(await folderResidue(farmFolder, 'ada')).toEqual([])
})

test('what PHP’s user swaps for links while its wiki’s folder is removed leads nowhere', async () => {
  const victim = await makeVictim(folder)
  for (let round = 0; round < 5; round += 1) {
    await copyDirectory(copyOf())
    const cache = join(farmFolder, 'ada', 'cache')
    await mkdir(cache)
    if (process.getuid?.() === 0) await chown(cache, phpUser.uid, phpUser.gid)
    await using swapper = startFolderSwapper(cache, victim.folder, phpUser)
    await swapper.atWork
    await undoDirectoryCopy(copyOf()).catch(() => undefined)
  }
  await undoDirectoryCopy(copyOf())
  expect(await victim.left()).toBe(50)
  expect(await readdir(farmFolder)).toEqual([])
})
