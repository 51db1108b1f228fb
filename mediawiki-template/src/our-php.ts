/** The PHP that Wikistead brings along, in `php/`. */
import { chmod, copyFile, rename } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export type OurPhp =
  | 'LocalSettings.php'
  | 'FirstSignIn.php'
  | 'SharedAccounts.php'
  | 'WikiCache.php'
  | 'changeOwner.php'
  | 'entry-point.php'
  | 'extras/wikistead.svg'
  | 'installPreConfigured.php'
  | 'makeFounder.php'
  | 'router.php'
  | 'shared-core/LocalSettings.php'

export function ourPhp(name: OurPhp): string {
  return fileURLToPath(new URL(`../php/${name}`, import.meta.url))
}

/** Puts a copy there in one step: nobody ever reads half of it. */
export async function putOurPhp(name: OurPhp, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}.new`
  await copyFile(ourPhp(name), temporary)
  // A checkout under a umask is not for PHP's user.
  await chmod(temporary, 0o644)
  await rename(temporary, to)
}
