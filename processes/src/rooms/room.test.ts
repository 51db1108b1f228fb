import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { giveFolder } from '../give-folder.ts'
import { canMakeRooms, closedFolderBefore, layOut, runAs, type Mode } from './room.ts'

/** A user whom nobody made: nothing of the machine is theirs. */
const user = { uid: 64_991, gid: 64_991 }
const isRoot = process.getuid?.() === 0

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'room-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const modes = (closed: Readonly<Record<string, Partial<Mode>>>) => (path: string) => ({
  ...{ uid: 0, gid: 0, mode: 0o755 },
  ...closed[path],
})
const asItIs = (path: string) => path

describe('what is hidden and shown', () => {
  test.each([
    ['nothing closed', {}, [], []],
    ['a home folder', { '/root': { mode: 0o700 } }, ['/root'], ['/root/a/data/farm', '/root/a/code']],
    ['a closed one in a closed one', { '/root': { mode: 0o700 }, '/root/a': { mode: 0o700 } }, ['/root'], 2],
    ['the data folder alone', { '/root/a/data': { mode: 0o700 } }, ['/root/a/data'], ['/root/a/data/farm']],
    ['one of the user’s own', { '/root': { mode: 0o700, uid: 5 } }, [], []],
    ['one of the user’s group', { '/root': { mode: 0o710, gid: 6 } }, [], []],
    ['one that its own user is kept from', { '/root': { mode: 0o077, uid: 5 } }, ['/root'], 2],
  ])('%s', (_, closed, hide, show) => {
    const sees = ['/root/a/data/farm', '/root/a/code', '/root/a/code/node_modules', '/usr/bin/node']
    const laid = layOut({ uid: 5, gid: 6, sees }, modes(closed), asItIs)
    expect(laid.hide).toEqual(hide)
    if (typeof show === 'number') expect(laid.show).toHaveLength(show)
    else expect(laid.show).toEqual(show)
  })

  test('what is reached by a link is shown at both its places', () => {
    const real = (path: string) => path.replace('/home/x', '/mnt/x')
    const closed = modes({ '/home': { mode: 0o700 }, '/mnt': { mode: 0o700 } })
    expect(layOut({ uid: 5, gid: 6, sees: ['/home/x/farm'] }, closed, real)).toEqual({
      hide: ['/home', '/mnt'],
      show: ['/home/x/farm', '/mnt/x/farm'],
    })
  })

  test('root is kept from nothing', () => {
    const closed = modes({ '/root': { mode: 0 } })
    expect(closedFolderBefore('/root/x', { uid: 0, gid: 0 }, closed)).toBeUndefined()
  })
})

describe.skipIf(!isRoot || !canMakeRooms())(
  'a command as another user (needs root, and leave to mount)',
  () => {
    test('finds its own below closed folders, at the same place, and nothing else of them', async () => {
      const data = join(folder, 'data')
      await mkdir(data, { mode: 0o700 })
      await giveFolder(join(data, 'own'), user)
      await writeFile(join(data, 'secret'), 'told to nobody', { mode: 0o644 })
      const line = 'id -u; pwd; ls ../..; ls ..; cat ../secret 2>/dev/null; echo it >file; echo $HOME'
      const { stdout } = await runAs({ ...user, sees: [join(data, 'own')] }, ['/bin/sh', '-c', line], {
        ...{ cwd: join(data, 'own'), env: { HOME: '/of/mine' } },
      })
      expect(stdout.trim().split('\n')).toEqual([
        String(user.uid),
        join(data, 'own'),
        'data',
        'own',
        '/of/mine',
      ])
      expect(await stat(join(data, 'own/file'))).toMatchObject(user)
      // Nobody else sees what was mounted.
      expect(await readFile(join(data, 'secret'), 'utf8')).toBe('told to nobody')
    })

    test('has no group and no right of ours, and gains none', async () => {
      const { stdout } = await runAs({ ...user, sees: [] }, ['/bin/cat', '/proc/self/status'])
      expect(stdout).toMatch(/^Groups:\s*$/m)
      expect(stdout).toMatch(/^CapEff:\t0+$/m)
      expect(stdout).toMatch(/^NoNewPrivs:\t1$/m)
    })

    test('a program in a closed folder is run', async () => {
      const program = join(folder, 'bin', 'program')
      await mkdir(join(folder, 'bin'))
      await writeFile(program, '#!/bin/sh\necho ran $1', { mode: 0o755 })
      await symlink('bin/program', join(folder, 'by-link'))
      for (const path of [program, join(folder, 'by-link')]) {
        const { stdout } = await runAs({ ...user, sees: [path] }, [path, 'well'])
        expect(stdout).toBe('ran well\n')
      }
    })
  },
)

describe.skipIf(!isRoot)('a folder given to a user (needs root)', () => {
  test('is theirs with all in it, and a link in it leads nowhere', async () => {
    const [given, foreign] = [join(folder, 'given'), join(folder, 'foreign')]
    await mkdir(join(given, 'a/b'), { recursive: true })
    await writeFile(join(given, 'a/b/c'), '')
    await writeFile(foreign, '')
    await symlink(foreign, join(given, 'link'))
    await symlink(folder, join(given, 'a/folder'))
    await giveFolder(given, user)
    for (const path of ['.', 'a', 'a/b', 'a/b/c']) expect(await stat(join(given, path))).toMatchObject(user)
    expect((await stat(given)).mode & 0o777).toBe(0o700)
    expect(await stat(foreign)).toMatchObject({ uid: 0 })
    expect(await stat(folder)).toMatchObject({ uid: 0 })
  })

  test('once given, nothing in it is touched again', async () => {
    await giveFolder(join(folder, 'given'), user)
    await writeFile(join(folder, 'given/of-root'), '')
    await giveFolder(join(folder, 'given'), user)
    expect(await stat(join(folder, 'given/of-root'))).toMatchObject({ uid: 0 })
  })

  test('another user gets it with what was the first one’s, and of others’ files nothing', async () => {
    const given = join(folder, 'given')
    await giveFolder(given, user)
    await writeFile(join(given, 'mine'), '')
    await writeFile(join(given, 'of-root'), '')
    await promisify(execFile)('chown', [`${String(user.uid)}:${String(user.gid)}`, join(given, 'mine')])
    const other = { uid: 64_992, gid: 64_992 }
    await giveFolder(given, other)
    expect(await stat(join(given, 'mine'))).toMatchObject(other)
    expect(await stat(join(given, 'of-root'))).toMatchObject({ uid: 0 })
  })

  test('a link or a file in its place is refused', async () => {
    await symlink(folder, join(folder, 'link'))
    await expect(giveFolder(join(folder, 'link'), user)).rejects.toThrow('must be a folder')
    await chmod(folder, 0o700)
    expect(await stat(folder)).toMatchObject({ uid: 0 })
  })
})
