import { dirname } from 'node:path'
import type { Config } from '@wikistead/config'
import { canMakeRooms, type RoomOf } from '@wikistead/processes'
import type { SystemUser } from './system-user.ts'

/** PHP's user, who gets to the wikis and what they stand on also where the folders above them are closed. */
export function phpRoom(
  { wikifarmDir, wikifarmOauthDir, wikifarmTemplate }: Config,
  { uid, gid }: SystemUser,
  more: readonly string[] = [],
): RoomOf {
  const folders = [wikifarmDir, wikifarmOauthDir, wikifarmTemplate, ...more].flatMap((path) => path ?? [])
  const common = commonFolder(folders)
  return { uid, gid, sees: canMakeRooms() && common !== '/' ? [common] : [], maySetuid: true }
}

/** The lowest folder that is above them all. */
function commonFolder(paths: readonly string[]): string {
  const [first = '/', ...others] = paths.map(dirname)
  return others.reduce((common, folder) => {
    let at = common
    while (at !== '/' && folder !== at && !folder.startsWith(`${at}/`)) at = dirname(at)
    return at
  }, first)
}
