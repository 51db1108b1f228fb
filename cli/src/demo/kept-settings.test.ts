import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepSettings, keptSettings } from './kept-settings.ts'

test('a demo’s settings are kept for its owner alone, and while it runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-kept-'))
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  expect(keptSettings(folder)).toEqual({})
  const settings = { 'wikifarm-dir': '/srv/wikis', 'wiki-db-admin-password': 'a secret' }
  const kept = keepSettings(folder, settings)
  expect(keptSettings(folder)).toEqual(settings)
  expect((await stat(join(folder, 'demo-settings.json'))).mode & 0o777).toBe(0o600)
  // Of one that was killed.
  using again = keepSettings(folder, { port: '1' })
  expect(keptSettings(folder)).toEqual({ port: '1' })
  kept[Symbol.dispose]()
  again[Symbol.dispose]()
  expect(await readdir(folder)).toEqual([])
})
