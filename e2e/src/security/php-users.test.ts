/**
 * Wikis whose PHP has users of its own, made by the real phases and served by real nginx, Caddy and php-fpm; and somebody who
 * runs what they want as the user of one of them. It takes root: nobody else gives files away.
 */
import { execFile } from 'node:child_process'
import { chmod, chown, link, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { extensionBundle } from '@wikistead/extension'
import {
  obtainProductionFronts,
  type ProductionFronts,
} from '@wikistead/mediawiki-template/test/production-fronts'
import { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { chooseFreePort } from '@wikistead/processes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const secret = 'what only the hub signs with, for sure'
const ownFrom = 300_000
const common = { uid: 33, gid: 33 }

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let folder: string

beforeAll(async () => {
  if (!isRoot) return
  folder = await mkdtemp(join(tmpdir(), 'wikistead-php-users-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await chmod(folder, 0o755)
  const cacheFolder = join(folder, 'cache')
  world = started.use(
    await startMediaWikiWorld({
      template: { core: join(folder, 'core'), extension: await extensionBundle(cacheFolder) },
      settings: {
        'wikifarm-php-user': `${String(common.uid)}:${String(common.gid)}`,
        'wikifarm-own-php-users': String(ownFrom),
        'wiki-shared-db-name': 'hub',
        'wikifarm-service-secret': secret,
        'wikifarm-service-url': 'http://127.0.0.1:9',
      },
    }),
  )
  for (const each of [dirname(world.wikisFolder), world.wikisFolder, world.oauthFolder])
    await chmod(each, 0o755)
})
afterAll(() => started.disposeAsync())

const of = (slug: string, path: string) => join(world.wikisFolder, slug, path)
const made = async (slug: string, more: Readonly<Record<string, unknown>> = {}): Promise<number> => {
  const task = await world.ended(await world.create(slug, { owner_name: 'Grace', ...more }))
  expect(task, task.message).toMatchObject({ status: 'succeeded' })
  return Number(task.wiki_id)
}
const ownerOf = async (path: string) => {
  const { uid, gid, mode } = await stat(path)
  return { uid, gid, mode: mode & 0o777 }
}
/** What PHP says as that user. */
const php = async (uid: number, code: string): Promise<string> => {
  const user = String(uid)
  const as = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--']
  return (await run('setpriv', [...as, 'php', '-r', code], { cwd: '/' })).stdout
}
const readAs = (uid: number, path: string) => php(uid, `echo @file_get_contents(${JSON.stringify(path)});`)

const wikistead = async (...args: readonly string[]): Promise<string> => {
  const program = join(import.meta.dirname, '../../../cli/src/main.ts')
  return (await run(process.execPath, [program, 'php', ...args, ...world.stack.flags])).stdout
}

describe.runIf(isRoot)('each wiki a user', () => {
  let ids: Record<'hub' | 'ada' | 'bob', number>
  beforeAll(async () => {
    ids = {
      hub: await made('hub', { hub: true }),
      ada: await made('ada'),
      bob: await made('bob', { visibility: 'private' }),
    }
  })
  const userOf = (slug: keyof typeof ids): number => ownFrom + ids[slug]

  test('its files, settings and keys are that user’s, and shut to others', async () => {
    for (const slug of ['hub', 'ada', 'bob'] as const) {
      const [uid, gid] = [userOf(slug), userOf(slug)]
      for (const path of ['images', 'cache']) {
        expect(await ownerOf(of(slug, path)), `${slug} ${path}`).toEqual({ uid, gid, mode: 0o700 })
      }
      expect(await ownerOf(of(slug, 'pubwiki.ini'))).toEqual({ uid: 0, gid, mode: 0o640 })
      expect(await ownerOf(of(slug, 'LocalSettings.php'))).toMatchObject({ uid: 0 })
      expect(await ownerOf(join(world.oauthFolder, slug, 'oauth.key'))).toEqual({ uid, gid, mode: 0o600 })
    }
  })

  test('whoever runs code in one wiki reads no other’s settings, keys, uploads, or the hub’s secret', async () => {
    expect(await readAs(userOf('ada'), of('ada', 'pubwiki.ini'))).toContain('WIKI_DB_PASSWORD')
    expect(await readAs(userOf('hub'), of('hub', 'pubwiki.ini'))).toContain(secret)
    await run('install', [
      ...['-o', String(userOf('bob')), '-m', '0644'],
      ...[of('ada', 'LocalSettings.php'), of('bob', 'images/private.txt')],
    ])
    const theirs = [
      ...['hub', 'bob'].map((slug) => of(slug, 'pubwiki.ini')),
      ...['hub', 'bob'].map((slug) => join(world.oauthFolder, slug, 'oauth.key')),
      of('bob', 'images/private.txt'),
    ]
    for (const path of theirs) {
      for (const uid of [userOf('ada'), common.uid]) expect(await readAs(uid, path), path).toBe('')
    }
    // What is kept of commands: each command's output is its user's.
    const lists = await php(
      userOf('ada'),
      `echo json_encode(array_map(fn($d) => @scandir("$d/run"), glob(${JSON.stringify(of('.commands', '*'))})));`,
    )
    expect(lists).not.toContain('out')
  })

  test('what comes later runs as that user, too, and leaves it so', async () => {
    const path = `/v1/wikis/${String(ids.ada)}`
    const { id: userId } = await world.stack.newMember('Alan')
    const account = ['maintenance/run', 'createAndPromote', 'Alan', 'correct horse battery staple']
    await run('php', account, { cwd: of('hub', '.') })
    const change = { owner_id: userId, owner_name: 'Alan', name: 'Another' }
    const task = await world.ended(await world.ask('PATCH', path, change))
    expect(task, task.message).toMatchObject({ status: 'succeeded' })
    expect(await ownerOf(of('ada', 'pubwiki.ini'))).toEqual({ uid: 0, gid: userOf('ada'), mode: 0o640 })
    expect((await ownerOf(join(world.wikisFolder, '../scripts/ada.changeOwner.starts'))).uid).toBe(
      userOf('ada'),
    )
  })

  describe('behind the fronts of the docs', () => {
    let fronts: ProductionFronts
    let sockets: string
    beforeAll(async () => {
      fronts = await obtainProductionFronts({
        folder,
        wikisFolder: world.wikisFolder,
        anyHost: 'ada.wikis.example',
      })
      sockets = join(folder, 'sockets')
      await mkdir(sockets)
      const pools = await wikistead('pools', '--sockets', sockets, '--web-user', 'root', '--workers', '2')
      expect(pools.match(/^\[.*\]$/gm)).toEqual(['[ada]', '[bob]', '[hub]'])
      const all = ['ada', 'bob', 'hub'].map((slug) => join(sockets, `${slug}.sock`))
      started.use(await fronts.startFpm(pools, all))
    })

    test.each([
      ['nginx', 'startNginx', '$wiki'],
      ['Caddy', 'startCaddy', '{http.request.host.labels.3}'],
    ] as const)('%s gives each wiki to the pool of its user', async (name, start, wiki) => {
      const port = await chooseFreePort('127.0.0.1')
      started.use(
        await fronts[start](port, (block) =>
          block.replaceAll('/run/php/php-fpm.sock', join(sockets, `${wiki}.sock`)),
        ),
      )
      await writeFile(of('ada', 'FarmSettings.php'), '<?php\nheader( "X-Runs-As: " . posix_geteuid() );\n')
      await writeFile(of('bob', 'FarmSettings.php'), '<?php\nheader( "X-Runs-As: " . posix_geteuid() );\n')
      const visitor = new Visitor(port)
      const page = await visitor.get('ada.wikis.example', '/wiki/Main_Page')
      expect([page.status, page.headers['x-runs-as']]).toEqual([200, String(userOf('ada'))])
      const title = `Written by way of ${name}`
      expect(await visitor.edit('ada.wikis.example', title, 'Hello.')).toMatchObject({
        edit: { result: 'Success' },
      })
      const closed = await visitor.get('bob.wikis.example', '/wiki/Main_Page')
      expect(closed.headers['x-runs-as']).toBe(String(userOf('bob')))
      expect(closed.text).not.toContain('Hello')
    })
  })

  test('a wiki is given another user, and what PHP linked to is not', async () => {
    const [theirs, root] = [join(folder, 'theirs'), join(folder, 'root')]
    await writeFile(theirs, '')
    await writeFile(root, '')
    await chown(theirs, 2_000, 2_000)
    await link(theirs, of('ada', 'images/theirs'))
    await link(root, of('ada', 'images/root'))
    await symlink(root, of('ada', 'images/link'))
    await run('install', ['-o', String(userOf('ada')), root, of('ada', 'images/own')])

    expect(await wikistead('give', 'ada', '--to', '400000:400000')).toContain(
      'The PHP of ada runs as 400000:400000.',
    )
    expect(await ownerOf(of('ada', 'images'))).toEqual({ uid: 400_000, gid: 400_000, mode: 0o700 })
    expect(await ownerOf(of('ada', 'images/own'))).toMatchObject({ uid: 400_000 })
    expect(await ownerOf(of('ada', 'pubwiki.ini'))).toEqual({ uid: 0, gid: 400_000, mode: 0o640 })
    expect(await ownerOf(theirs)).toMatchObject({ uid: 2_000 })
    expect(await ownerOf(root)).toMatchObject({ uid: 0 })
    expect(await wikistead('pools')).toContain('user = 400000\n')

    // The one that a new wiki would get; and again.
    await wikistead('give', 'ada')
    await wikistead('give', 'ada')
    expect(await ownerOf(of('ada', 'cache'))).toMatchObject({ uid: userOf('ada') })
    expect(await readAs(userOf('ada'), of('ada', 'pubwiki.ini'))).toContain('WIKI_DB_PASSWORD')
  })

  test('no wiki is given to root, and none that is not here', async () => {
    await expect(wikistead('give', 'ada', '--to', 'root')).rejects.toThrow('runs as root')
    await expect(wikistead('give', 'nobody', '--to', 'www-data')).rejects.toThrow(
      'This host has no wiki nobody',
    )
  })

  test('removed, a wiki leaves nothing, and its number is nobody’s again', async () => {
    const before = await world.residue()
    const first = await made('cleo')
    await world.ended(await world.ask('DELETE', `/v1/wikis/${String(first)}?now=1`))
    expect(await world.residue()).toEqual(before)
    const second = await made('cleo')
    expect(second).toBeGreaterThan(first)
    expect((await ownerOf(of('cleo', 'cache'))).uid).toBe(ownFrom + second)
  })
})
