import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readHistory, type RecordedHistory } from '../../test/recorded-history.ts'
import { record, recordedHistory, wayOf } from '../../test/recordings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-recordings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const history = (...types: readonly string[]): RecordedHistory =>
  readHistory(
    JSON.stringify({
      events: types.map((name) => ({
        eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
        activityTaskScheduledEventAttributes: { activityType: { name } },
      })),
    }),
  )

test('what a release asks itself anew is another way, though it does the same', () => {
  const id = 'a-new-way'
  const data = Buffer.from(JSON.stringify({ id, deprecated: false })).toString('base64')
  const marker = {
    eventType: 'EVENT_TYPE_MARKER_RECORDED',
    markerRecordedEventAttributes: {
      markerName: 'core_patch',
      details: { 'patch-data': { payloads: [{ data }] } },
    },
  }
  const patched = readHistory(JSON.stringify({ events: [marker] }))
  expect(patched.patches).toEqual([id])
  expect(wayOf(patched)).not.toEqual(wayOf(history()))
})

test('what goes another way is recorded beside what was; no file is ever written over', async () => {
  await mkdir(join(folder, '2'))
  await mkdir(join(folder, '10'))
  await writeFile(join(folder, '2/create.json'), history('Make').json)
  await writeFile(join(folder, '10/create.json'), history('Check', 'Make').json)
  // The latest release is not the last by name.
  expect(wayOf(await recordedHistory('create', folder))).toEqual(wayOf(history('Check', 'Make')))

  expect(await record('create', history('Check', 'Make'), folder)).toBe(false)
  expect(await record('create', history('Make', 'Seal'), folder)).toBe(true)
  expect(await record('create', history('Make', 'Seal', 'Close'), folder)).toBe(true)
  expect(await record('create-cancelled', history('Undo'), folder)).toBe(true)
  expect((await readdir(join(folder, 'next'))).sort()).toEqual([
    ...['create-cancelled.json', 'create.2.json', 'create.json'],
  ])
  expect(wayOf(await recordedHistory('create', folder))).toEqual(wayOf(history('Make', 'Seal', 'Close')))
  expect(await readFile(join(folder, '2/create.json'), 'utf8')).toBe(history('Make').json)
  expect(await readFile(join(folder, 'next/create.json'), 'utf8')).toBe(history('Make', 'Seal').json)
})

test('what was never recorded is told of', async () => {
  await expect(recordedHistory('create', folder)).rejects.toThrow('npm run record-histories')
})
