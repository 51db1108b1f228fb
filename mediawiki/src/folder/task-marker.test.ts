import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMarker, writeMarker } from './task-marker.ts'

let parent: string
let folder: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'wikistead-marker-'))
  folder = join(parent, 'ada')
  await mkdir(folder)
})
afterEach(() => rm(parent, { recursive: true }))

test('whoever looks while it is written again sees it whole', async () => {
  await writeMarker(folder, 'task-1')
  const seen = new Set<string | undefined>()
  let written = false
  const looking = (async () => {
    while (!written) seen.add(await readMarker(folder))
  })()
  for (let times = 0; times < 200; times += 1) await writeMarker(folder, 'task-1')
  written = true
  await looking
  expect([...seen]).toEqual(['task-1'])
  expect(await readdir(parent)).toEqual(['ada'])
})

test('a folder and a link give way to it, and nothing is written through the link', async () => {
  const marker = join(folder, '.wikistead-task')
  await mkdir(join(marker, 'inside'), { recursive: true })
  await writeMarker(folder, 'task-1')
  expect(await readMarker(folder)).toBe('task-1')

  const elsewhere = join(parent, 'elsewhere')
  await writeFile(elsewhere, 'a stranger’s')
  await rm(marker)
  await symlink(elsewhere, marker)
  await writeMarker(folder, 'task-1')
  expect(await readMarker(folder)).toBe('task-1')
  expect(await readFile(elsewhere, 'utf8')).toBe('a stranger’s')
})

test('where it cannot be written, nothing of it is left', async () => {
  await expect(writeMarker(join(parent, 'not there'), 'task-1')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(parent)).toEqual(['ada'])
})
