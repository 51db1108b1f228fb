/** Wikis of a demo that ran as root before: PHP's user gets what a wiki that is made for that user has. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { giveWikiTo, type FileOwner } from '@wikistead/mediawiki'

export interface DemoWikis {
  readonly wikis: string
  readonly oauth: string
  readonly userOf: (slug: string) => FileOwner
}

/** Only those whose settings are still root's: any other has its user already. */
export async function giveWikis({ wikis, oauth, userOf }: DemoWikis): Promise<void> {
  const entries = await readdir(wikis, { withFileTypes: true })
  for (const { name: slug } of entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
  )) {
    const settings = await lstat(join(wikis, slug, 'pubwiki.ini')).catch(() => undefined)
    if (settings?.gid === 0) await giveWikiTo({ wikis, oauth, slug, to: userOf(slug) })
  }
}
