import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../test/code-of.ts'
import { listFolder } from '../../test/folder-listing.ts'
import { startPhp } from '../../test/long-lived-php.ts'
import { startStep } from '../../test/step-process.ts'
import { folderResidue } from './claimed-folder.ts'
import { makeOAuthKeys, undoOAuthKeys, type OAuthKeys } from './oauth-keys.ts'
import { readMarker, writeMarker } from './task-marker.ts'

const isRoot = process.getuid?.() === 0
let oauthFolder: string

beforeEach(async () => {
  oauthFolder = await mkdtemp(join(tmpdir(), 'wikistead-oauth-'))
})
afterEach(() => rm(oauthFolder, { recursive: true }))

const keysOf = (changes: Partial<OAuthKeys> = {}): OAuthKeys => ({
  oauthFolder,
  slug: 'ada',
  task: 'task-1',
  ...changes,
})
const fileOf = (name: string) => join(oauthFolder, 'ada', name)

test('real PHP loads both keys, signs with one and verifies with the other', async () => {
  expect(await makeOAuthKeys(keysOf())).toBe('made')
  await using php = startPhp(`( function () use ( $in ) {
    $private = openssl_pkey_get_private( 'file://' . $in['key'] );
    $public = openssl_pkey_get_public( file_get_contents( $in['cert'] ) );
    openssl_sign( 'token', $signature, $private, OPENSSL_ALGO_SHA256 );
    $details = openssl_pkey_get_details( $public );
    return [
      'bits' => $details['bits'],
      'rsa' => $details['type'] === OPENSSL_KEYTYPE_RSA,
      'verified' => openssl_verify( 'token', $signature, $public, OPENSSL_ALGO_SHA256 ),
      'other' => openssl_verify( 'another', $signature, $public, OPENSSL_ALGO_SHA256 ),
    ];
  } )()`)
  const question = { key: fileOf('oauth.key'), cert: fileOf('oauth.cert') }
  expect(await php.ask(question)).toEqual({ bits: 2048, rsa: true, verified: 1, other: 0 })
  expect(await readFile(question.key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(await readFile(question.cert, 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
})

test.runIf(isRoot)("the private key is its owner's alone, and that is PHP's user", async () => {
  await makeOAuthKeys(keysOf({ owner: { uid: 33, gid: 33 } }))
  const seen = async (path: string) => {
    const { mode, uid, gid } = await stat(path)
    return [mode & 0o7777, uid, gid]
  }
  expect(await seen(fileOf('oauth.key'))).toEqual([0o600, 33, 33])
  expect(await seen(fileOf('oauth.cert'))).toEqual([0o640, 33, 33])
  // Not theirs to change: the marker inside says who may remove it.
  expect(await seen(join(oauthFolder, 'ada'))).toEqual([0o750, 0, 33])
})

test('done again by the same task, the pair is kept; a broken one is made anew', async () => {
  await makeOAuthKeys(keysOf())
  const before = await listFolder(oauthFolder, { untouched: true })
  expect(await makeOAuthKeys(keysOf())).toBe('kept')
  expect(await listFolder(oauthFolder, { untouched: true })).toEqual(before)

  const cert = await readFile(fileOf('oauth.cert'))
  for (const breakIt of [
    () => rm(fileOf('oauth.key')),
    () => writeFile(fileOf('oauth.key'), ''),
    () => writeFile(fileOf('oauth.cert'), cert),
  ]) {
    await breakIt()
    expect(await makeOAuthKeys(keysOf())).toBe('made')
    expect(await makeOAuthKeys(keysOf())).toBe('kept')
  }
})

test('of fifty tasks at once one wins, and its pair is whole', async () => {
  const tasks = Array.from({ length: 50 }, (_, n) => `task-${String(n)}`)
  const ends = await Promise.all(tasks.map((task) => codeOf(makeOAuthKeys(keysOf({ task })))))
  expect(ends.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'folder_foreign'), 'made'])
  const winner = tasks[ends.indexOf('made')] ?? ''
  expect(await readMarker(join(oauthFolder, 'ada'))).toBe(winner)
  for (const task of tasks) if (task !== winner) await undoOAuthKeys(keysOf({ task }))
  expect(await makeOAuthKeys(keysOf({ task: winner }))).toBe('kept')
  expect(await readdir(oauthFolder)).toEqual(['ada'])
})

test("somebody else's keys are refused, and stay untouched, also by the undo", async () => {
  await mkdir(join(oauthFolder, 'ada'))
  await writeFile(fileOf('oauth.key'), 'theirs')
  const before = await listFolder(oauthFolder, { untouched: true })
  expect(await codeOf(makeOAuthKeys(keysOf()))).toBe('folder_foreign')
  await undoOAuthKeys(keysOf())
  expect(await listFolder(oauthFolder, { untouched: true })).toEqual(before)
})

test('killed at any moment and run again, there is one whole pair; undone, there is nothing', async () => {
  for (const entries of [1, 2, 3]) {
    await using step = startStep('makeOAuthKeys', keysOf())
    await expect
      .poll(async () => (await readdir(oauthFolder, { recursive: true })).length, { interval: 0 })
      .toBeGreaterThanOrEqual(entries)
    await step.kill()
    await makeOAuthKeys(keysOf())
    expect(await makeOAuthKeys(keysOf())).toBe('kept')
    expect(await readdir(oauthFolder)).toEqual(['ada'])
    await undoOAuthKeys(keysOf())
    await undoOAuthKeys(keysOf())
    expect(await folderResidue(oauthFolder, 'ada')).toEqual([])
  }
})

test('cancelled, it makes nothing', async () => {
  const reason = new Error('cancelled')
  await expect(makeOAuthKeys(keysOf({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  const stop = new AbortController()
  const making = makeOAuthKeys(keysOf({ signal: stop.signal }))
  await expect.poll(() => readdir(oauthFolder), { interval: 0 }).toHaveLength(1)
  stop.abort(reason)
  await expect(making).rejects.toBe(reason)
  expect(await readdir(oauthFolder)).toEqual([])
})

test('every wiki has a pair of its own', async () => {
  const prints = new Set<string>()
  for (const slug of ['ada', 'bob']) {
    await makeOAuthKeys(keysOf({ slug }))
    prints.add(
      createHash('sha256')
        .update(await readFile(join(oauthFolder, slug, 'oauth.key')))
        .digest('hex'),
    )
  }
  expect(prints.size).toBe(2)
  await writeMarker(join(oauthFolder, 'bob'), 'task-2')
  await undoOAuthKeys(keysOf({ slug: 'bob' }))
  expect(await readdir(oauthFolder)).toEqual(['ada', 'bob'])
})
