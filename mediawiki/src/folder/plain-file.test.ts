/** What PHP's user may put where a file is looked for. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPlainFile } from './plain-file.ts'
import { readMarker } from './task-marker.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-plain-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a file is read whole', async () => {
  await writeFile(join(folder, 'file'), 'x'.repeat(1_048_576))
  expect((await readPlainFile(join(folder, 'file'))).bytes.length).toBe(1_048_576)
  await writeFile(join(folder, 'empty'), '')
  expect((await readPlainFile(join(folder, 'empty'))).bytes.length).toBe(0)
})

const things: readonly (readonly [string, string, (path: string) => Promise<unknown>])[] = [
  ['nothing', 'ENOENT', () => Promise.resolve()],
  ['a link to another’s file', 'ELOOP', (path) => symlink('/etc/passwd', path)],
  ['a link to what has no end', 'ELOOP', (path) => symlink('/dev/zero', path)],
  ['a pipe that nobody writes to', 'EINVAL', async (path) => execFileSync('mkfifo', [path])],
  ['a folder', 'EISDIR', (path) => mkdir(path)],
  [
    'more than any memory has',
    'EFBIG',
    async (path) => {
      await writeFile(path, '')
      await truncate(path, 2 ** 40)
    },
  ],
]

test.each(things)('%s is not waited for, followed or read: %s', async (_what, code, put) => {
  for (const name of ['file', '.wikistead-task']) await put(join(folder, name))
  await expect(readPlainFile(join(folder, 'file'))).rejects.toMatchObject({ code })
  expect(await readMarker(folder)).toBeUndefined()
})
