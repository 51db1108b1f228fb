import { execFileSync } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdtemp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPhp, type LongLivedPhp } from '../../test/long-lived-php.ts'
import { startStep } from '../../test/step-process.ts'
import {
  changePubwikiIni,
  readDatabasePassword,
  readIniValues,
  readPubwikiIni,
  removePubwikiIni,
  renderPubwikiIni,
  setBootstrapping,
} from './pubwiki-file.ts'
import { pubwikiValues } from './pubwiki-values.ts'
import { replaceIni } from './replace-ini.ts'
import { parseSiteName } from '../names/site-name.ts'
import { writeMarker } from '../folder/task-marker.ts'

const task = 'task-1'
const isRoot = process.getuid?.() === 0
let php: LongLivedPhp
let folder: string

beforeAll(() => {
  php = startPhp('parse_ini_file( $in )')
})
afterAll(() => php[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-ini-'))
  await writeMarker(folder, task)
  await writeFile(
    join(folder, 'pubwiki.ini'),
    '; of the farm\nFARM_KEY = kept\nWIKI_DB_PASSWORD="template"\n',
  )
})
afterEach(() => rm(folder, { recursive: true }))

const values = pubwikiValues({
  site: parseSiteName('Ada\'s "Notes"; $HOME', 'en'),
  slug: 'ada-notes',
  visibility: 'private',
  farm: {
    rootHost: 'wikis.example.org',
    dbHost: 'db.example.org:3307',
    sharedDatabase: 'hub',
    searchEndpoint: 'https://search.example.org:9200',
    more: { WIKI_URL_SCHEME: 'http' },
  },
  search: { user: 'wiki.ada_notes', password: '"${HOME}"' },
  redis: { server: 'redis:6379', user: 'wiki.ada_notes', password: 'p$"w' },
})
const read = async () => (await php.ask(join(folder, 'pubwiki.ini'))) as Record<string, string>

test("a wiki's values are computed as farms know them, and PHP reads them", async () => {
  await renderPubwikiIni({ folder, task, values })
  const { WIKI_DB_PASSWORD: password, ...others } = await read()
  expect(others).toEqual({
    FARM_KEY: 'kept',
    WIKI_SITE_NAME: 'Ada\'s "Notes"; $HOME',
    WIKI_ROOT_HOST: 'wikis.example.org',
    WIKI_HOST_URL: 'ada-notes.wikis.example.org',
    WIKI_META_NAMESPACE: 'Ada\'s_"Notes";_$HOME',
    WIKI_DB_HOST: 'db.example.org:3307',
    WIKI_DB_NAME: 'ada_notes',
    WIKI_DB_USER: 'ada_notes',
    WIKI_SHARED_DB_NAME: 'hub',
    WIKI_LANG: 'en',
    WIKI_VISIBILITY: 'private',
    WIKI_SERVING: 'active',
    OPENSEARCH_USER: 'wiki.ada_notes',
    OPENSEARCH_PASSWORD: '"${HOME}"',
    OPENSEARCH_ENDPOINT: 'https://search.example.org:9200',
    OPENSEARCH_INDEX_BASE: 'ada_notes-',
    REDIS_USER: 'wiki.ada_notes',
    REDIS_PASSWORD: 'p$"w',
    REDIS_SERVER: 'redis:6379',
    WIKI_URL_SCHEME: 'http',
    WIKI_BOOTSTRAPING: '1',
  })
  expect(password).toMatch(/^[A-Za-z0-9_-]{36}$/)
  expect(await readDatabasePassword(folder, task)).toBe(password)
  expect(await readFile(join(folder, 'pubwiki.ini'), 'utf8')).toMatch(
    /^; Wikistead task=task-1\n; of the farm\n/,
  )
})

test('of many that change it at the same time none is lost', async () => {
  await renderPubwikiIni({ folder, task, values })
  const keys = Array.from({ length: 20 }, (_, each) => `KEY_${String(each)}`)
  await Promise.all(keys.map((key) => changePubwikiIni(folder, { [key]: 'changed' })))
  expect(await readIniValues(folder, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, 'changed'])))
})

test('what another process has written meanwhile is not written over', async () => {
  await renderPubwikiIni({ folder, task, values })
  const file = join(folder, 'pubwiki.ini')
  const { ino, ctimeMs } = await stat(file)
  await changePubwikiIni(folder, { THEIRS: 'kept' })
  const replacement = { bytes: Buffer.from('OURS = 1\n'), access: { mode: 0o640 }, seen: { ino, ctimeMs } }
  expect(await replaceIni(folder, replacement)).toBe(false)
  expect(await readIniValues(folder, ['THEIRS', 'OURS'])).toEqual({ THEIRS: 'kept', OURS: undefined })
  expect(await readdir(folder)).not.toContainEqual(expect.stringMatching(/^\.pubwiki/))
})

test('rendered again by the same task, the password is kept; each wiki has another', async () => {
  await renderPubwikiIni({ folder, task, values })
  const { WIKI_DB_PASSWORD: password } = await read()
  await renderPubwikiIni({ folder, task, values: { ...values, WIKI_LANG: 'de' } })
  expect(await read()).toMatchObject({ WIKI_DB_PASSWORD: password, WIKI_LANG: 'de' })

  await writeMarker(folder, 'task-2')
  await renderPubwikiIni({ folder, task: 'task-2', values })
  expect((await read())['WIKI_DB_PASSWORD']).not.toBe(password)
  expect(await readDatabasePassword(folder, task)).toBeUndefined()
})

test("a template's password is nobody's", async () => {
  expect(await readDatabasePassword(folder, task)).toBeUndefined()
  await renderPubwikiIni({ folder, task, values })
  expect((await read())['WIKI_DB_PASSWORD']).not.toBe('template')
})

test('a template without the file gets one', async () => {
  await rm(join(folder, 'pubwiki.ini'))
  await renderPubwikiIni({ folder, task, values })
  expect(await read()).toMatchObject({ WIKI_LANG: 'en' })
})

test.runIf(isRoot)("the file is read by PHP's group and by nobody else, and stays so", async () => {
  await renderPubwikiIni({ folder, task, values, gid: 33 })
  for (const bootstrapping of [false, true, false]) {
    await setBootstrapping(folder, bootstrapping)
    const { mode, uid, gid } = await stat(join(folder, 'pubwiki.ini'))
    expect([mode & 0o7777, uid, gid]).toEqual([0o640, 0, 33])
  }
})

test('only the one word changes when the wiki goes into service and out of it', async () => {
  await renderPubwikiIni({ folder, task, values })
  const before = await readFile(join(folder, 'pubwiki.ini'), 'utf8')
  await setBootstrapping(folder, false)
  expect((await read())['WIKI_BOOTSTRAPING']).toBe('')
  expect(await readFile(join(folder, 'pubwiki.ini'), 'utf8')).toBe(
    before.replace('WIKI_BOOTSTRAPING=true', 'WIKI_BOOTSTRAPING=false'),
  )
  const { ino } = await stat(join(folder, 'pubwiki.ini'))
  await setBootstrapping(folder, false)
  expect((await stat(join(folder, 'pubwiki.ini'))).ino).toBe(ino)
  await setBootstrapping(folder, true)
  expect((await read())['WIKI_BOOTSTRAPING']).toBe('1')
  expect((await readPubwikiIni(folder)).get('WIKI_BOOTSTRAPING')).toBe(true)
})

test('a reader sees the file before or after a change, never half of it', async () => {
  await renderPubwikiIni({ folder, task, values })
  const keys = Object.keys(await read())
  let writing = true
  const writer = (async () => {
    for (let n = 0; n < 60; n += 1) await setBootstrapping(folder, n % 2 === 0)
    writing = false
  })()
  let reads = 0
  for (; writing; reads += 1) expect(Object.keys(await read())).toEqual(keys)
  await writer
  expect(reads).toBeGreaterThan(10)
  expect(await readdir(folder)).toEqual(['.wikistead-task', 'pubwiki.ini'])
})

test('killed at any moment, the file is whole, and the next attempt sweeps up', async () => {
  const killed: boolean[] = []
  for (const events of [1, 2, 3, 4]) {
    await using step = startStep('renderPubwikiIni', { folder, task, values })
    let seen = 0
    const watcher = watch(folder, () => {
      if (++seen === events) void step.kill()
    })
    killed.push((await step.ended) === null)
    watcher.close()
    expect(await read()).toMatchObject({ FARM_KEY: 'kept' })
    await writeFile(join(folder, '.pubwiki.ini.0000'), 'WIKI_DB_PASSWORD=half')
    await renderPubwikiIni({ folder, task, values })
    expect(await readdir(folder)).toEqual(['.wikistead-task', 'pubwiki.ini'])
    expect(await read()).toMatchObject({ FARM_KEY: 'kept', WIKI_LANG: 'en' })
  }
  expect(killed).toContain(true)
})

test('attempts at once end with one whole file', async () => {
  await Promise.allSettled(Array.from({ length: 10 }, () => renderPubwikiIni({ folder, task, values })))
  expect(await read()).toMatchObject({ FARM_KEY: 'kept', WIKI_LANG: 'en' })
  expect(await readDatabasePassword(folder, task)).toBe((await read())['WIKI_DB_PASSWORD'])
})

test("a folder of another task's, or of nobody's, is refused and stays as it is", async () => {
  for (const owner of ['task-2', undefined]) {
    if (owner === undefined) await rm(join(folder, '.wikistead-task'))
    else await writeMarker(folder, owner)
    const error: unknown = await renderPubwikiIni({ folder, task, values }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Refusal)
    expect(error).toMatchObject({ code: 'folder_foreign' })
    await removePubwikiIni(folder, task)
    expect(await readFile(join(folder, 'pubwiki.ini'), 'utf8')).toContain('template')
  }
})

test('the undo takes the file that this task rendered, and nothing else', async () => {
  await removePubwikiIni(folder, task)
  expect(await readdir(folder)).toContain('pubwiki.ini')
  await renderPubwikiIni({ folder, task, values })
  await removePubwikiIni(folder, task)
  await removePubwikiIni(folder, task)
  expect(await readdir(folder)).toEqual(['.wikistead-task'])
  await rm(folder, { recursive: true })
  await removePubwikiIni(folder, task)
  await mkdir(folder)
})

test("a link that a wiki's own code put in the file's place is not followed", async () => {
  const secret = join(folder, 'secret')
  await writeFile(secret, 'SECRET=1\nWIKI_BOOTSTRAPING=true\n', { mode: 0o600 })
  await rm(join(folder, 'pubwiki.ini'))
  await symlink(secret, join(folder, 'pubwiki.ini'))
  await expect(setBootstrapping(folder, false)).rejects.toMatchObject({ final: false })
  await expect(renderPubwikiIni({ folder, task, values })).rejects.toMatchObject({ final: false })
  expect(await readFile(secret, 'utf8')).toContain('WIKI_BOOTSTRAPING=true')
})

test('what was changed is changed back byte for byte, also what was not there', async () => {
  await renderPubwikiIni({ folder, task, values })
  const before = await readFile(join(folder, 'pubwiki.ini'))
  const changed = { WIKI_SITE_NAME: '"; NEW="x', WIKI_SERVING: 'readonly', WIKI_NEW: 'there' }
  const was = await readIniValues(folder, Object.keys(changed))
  expect(was).toEqual({
    WIKI_SITE_NAME: 'Ada\'s "Notes"; $HOME',
    WIKI_SERVING: 'active',
    WIKI_NEW: undefined,
  })
  await changePubwikiIni(folder, changed)
  expect(await readIniValues(folder, Object.keys(changed))).toEqual(changed)
  expect(await php.ask(join(folder, 'pubwiki.ini'))).toMatchObject(changed)
  await changePubwikiIni(folder, was)
  expect(await readFile(join(folder, 'pubwiki.ini'))).toEqual(before)
})

test('a folder where its unfinished file would be is in nobody’s way', async () => {
  await mkdir(join(folder, '.pubwiki.ini.0', 'below'), { recursive: true })
  await renderPubwikiIni({ folder, task, values })
  await setBootstrapping(folder, true)
  expect((await readdir(folder)).sort()).toEqual(['.wikistead-task', 'pubwiki.ini'])
})

test('a pipe in its place is not waited for', async () => {
  await rm(join(folder, 'pubwiki.ini'))
  execFileSync('mkfifo', [join(folder, 'pubwiki.ini')])
  await expect(setBootstrapping(folder, true)).rejects.toThrow('EINVAL')
})
