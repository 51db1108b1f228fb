/**
 * A wiki that stands gets another user of PHP. What says whose it is comes last, so that an attempt which broke off is
 * gone on with, and until then everything of ours runs as before.
 */
import { join } from 'node:path'
import { giveKeysTo } from '../folder/oauth-keys.ts'
import { giveFolderTo, type FileOwner } from '../folder/php-users.ts'
import { giveIniTo } from '../ini/pubwiki-file.ts'

export interface GivenWiki {
  /** WIKIFARM_DIR and WIKIFARM_OAUTH_DIR. */
  readonly wikis: string
  readonly oauth: string
  readonly slug: string
  readonly to: FileOwner
}

/** Takes root. @throws Refusal, ProvisioningFault */
export async function giveWikiTo({ wikis, oauth, slug, to }: GivenWiki): Promise<void> {
  const folder = join(wikis, slug)
  await giveKeysTo(oauth, slug, to)
  await giveFolderTo(folder, to)
  await giveIniTo(folder, to.gid)
}
