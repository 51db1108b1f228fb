import { readFile } from 'node:fs/promises'

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/**
 * A user of this machine, by name or as `uid:gid`; undefined when its files have none of that name.
 *
 * @param usersFile in the format of passwd(5)
 */
export async function findUser(name: string, usersFile = '/etc/passwd'): Promise<SystemUser | undefined> {
  const numbers = /^(\d{1,9}):(\d{1,9})$/.exec(name)
  if (numbers !== null) return { uid: Number(numbers[1]), gid: Number(numbers[2]) }
  for (const line of (await readFile(usersFile, 'utf8')).split('\n')) {
    const [user, , uid = '', gid = ''] = line.split(':')
    if (user === name && /^\d+$/.test(uid) && /^\d+$/.test(gid)) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}
