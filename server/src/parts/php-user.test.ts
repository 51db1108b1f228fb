import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '@wikistead/processes/setup-error'
import { expect, test } from 'vitest'
import { requireOwnGroup, resolvePhpUser } from './php-user.ts'

test('a user is found by name, with the group that is theirs', async () => {
  expect(await resolvePhpUser('root')).toEqual({ uid: 0, gid: 0 })
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-users-'))
  try {
    const users = join(folder, 'passwd')
    await writeFile(users, 'www:x:5:6::/:/bin/sh\nwww-data:x:33:34:www:/var/www:/usr/sbin/nologin\n+::::::\n')
    expect(await resolvePhpUser('www-data', users)).toEqual({ uid: 33, gid: 34 })
    await expect(resolvePhpUser('+', users)).rejects.toThrow(SetupError)
    await expect(resolvePhpUser('www-dat', users)).rejects.toThrow(SetupError)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a user that only a container knows goes by numbers', async () => {
  expect(await resolvePhpUser('82:101')).toEqual({ uid: 82, gid: 101 })
})

test.each(['no-such-user', '82', '82:', ''])(
  '%j is refused, and the refusal says what to set',
  async (name) => {
    const refused = resolvePhpUser(name)
    await expect(refused).rejects.toThrow(SetupError)
    await expect(refused).rejects.toThrow('wikifarm-php-user')
  },
)

test('another user with the group of all wikis is refused: by it their secrets are read', () => {
  const common = { uid: 33, gid: 33 }
  expect(() => requireOwnGroup({ uid: 44, gid: 33 }, common)).toThrow(SetupError)
  expect(() => requireOwnGroup({ uid: 44, gid: 44 }, common)).not.toThrow()
  expect(() => requireOwnGroup(common, common)).not.toThrow()
})
