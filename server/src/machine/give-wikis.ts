/** Wikis of a demo that ran as root before: PHP's user gets what a wiki that is made for that user has. */
import { lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { giveFolder, type User } from '@wikistead/processes'

/** What PHP writes is PHP's; the settings and keys are root's or PHP's, and read by nobody else. Root's folders hold all of them. */
export async function giveWikis(
  { wikis, oauth }: { readonly wikis: string; readonly oauth: string },
  user: User,
): Promise<void> {
  for (const slug of await foldersIn(wikis)) {
    const wiki = join(wikis, slug)
    const settings = join(wiki, 'pubwiki.ini')
    if ((await gidOf(settings)) === user.gid) continue
    for (const own of ['images', 'cache']) {
      if ((await gidOf(join(wiki, own))) !== undefined) await giveFolder(join(wiki, own), user)
    }
    // The last: by it a wiki is known that is done.
    if ((await gidOf(settings)) !== undefined) await lchown(settings, 0, user.gid)
  }
  for (const slug of await foldersIn(oauth)) {
    const folder = join(oauth, slug)
    for (const key of ['oauth.key', 'oauth.cert']) {
      if ((await gidOf(join(folder, key))) !== undefined) await lchown(join(folder, key), user.uid, user.gid)
    }
    await lchown(folder, 0, user.gid)
  }
}

/** Not those of our own, whose names are no slugs. */
async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
}

const gidOf = (path: string): Promise<number | undefined> =>
  lstat(path).then(
    ({ gid }) => gid,
    () => undefined,
  )
