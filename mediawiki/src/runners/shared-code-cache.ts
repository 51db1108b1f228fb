/**
 * PHP that runs on this host keeps what it compiled of the MediaWiki that many wikis share: starting a script costs half
 * then. Wikis with a MediaWiki of their own would only fill the disk. In a container, PHP is the operator's to configure.
 */
import { chmod, chown, lstat, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileOwner } from '../folder/php-users.ts'

/**
 * Makes what is needed in a folder of ours that PHP's user may walk to.
 * @returns what a script's environment must hold for it
 */
export async function prepareSharedCodeCache(
  folder: string,
  wikisFolder: string,
  { uid, gid }: FileOwner,
): Promise<Readonly<Record<string, string>>> {
  const [cache, settings, ownFiles] = [
    join(folder, 'compiled'),
    join(folder, 'ini'),
    join(folder, 'own-files'),
  ]
  for (const each of [folder, cache, settings]) await mkdir(each, { recursive: true, mode: 0o711 })
  for (const each of [folder, settings]) await chmod(each, 0o711)
  if (process.getuid?.() === 0) await chown(cache, uid, gid)
  await chmod(cache, 0o700)
  // A wiki that is gone leaves nothing behind.
  await writeFile(ownFiles, `${wikisFolder}/*/LocalSettings.php\n${wikisFolder}/*/FarmSettings.php\n`, {
    mode: 0o644,
  })
  await chmod(ownFiles, 0o644)
  const ini = join(settings, 'wikistead.ini')
  await writeFile(
    ini,
    [
      ...['opcache.enable_cli = 1', 'opcache.file_cache_only = 1', `opcache.file_cache = "${cache}"`],
      `opcache.blacklist_filename = "${ownFiles}"`,
      '',
    ].join('\n'),
    { mode: 0o644 },
  )
  await chmod(ini, 0o644)
  await chmod(settings, 0o755)
  // A colon parts folders there, and PHP's ini files know no way to write these: scripts start slower then, and that is all.
  if (/[:"$\\]/.test(cache)) return {}
  // An empty part stands for PHP's own folder of settings.
  return { PHP_INI_SCAN_DIR: `:${settings}` }
}

/** Whether the wiki's MediaWiki is one that it shares. */
export async function sharesItsCode(wikiFolder: string): Promise<boolean> {
  return lstat(join(wikiFolder, 'mediawiki')).then(
    (found) => found.isSymbolicLink(),
    () => false,
  )
}
