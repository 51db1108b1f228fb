/**
 * The key pair that a wiki's OAuth extension signs its tokens with: `oauth.key` as PKCS#8 and `oauth.cert`, which in
 * spite of its name is a public key, both in PEM. Made in this process, so that no command line shows anything of it.
 */
import { createPublicKey, generateKeyPair } from 'node:crypto'
import { chmod, chown, lchown, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { claimFolder, releaseFolder, type FolderClaim } from './claimed-folder.ts'
import { folderError } from './folder-errors.ts'
import { readPlainFile } from './plain-file.ts'
import { errorCode } from './error-code.ts'
import type { FileOwner } from './php-users.ts'

export interface KeyFolder {
  /** WIKIFARM_OAUTH_DIR. */
  readonly oauthFolder: string
  readonly slug: string
  readonly task: string
}

export interface OAuthKeys extends KeyFolder {
  /** PHP's user, who must own a private key that nobody else may read; left out, it is whoever runs Wikistead. */
  readonly owner?: FileOwner | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Done again by the same task, it keeps the pair that is there, or makes another when that one is broken.
 * @throws Refusal `folder_foreign`, `folder_unwritable`
 */
export async function makeOAuthKeys(keys: OAuthKeys): Promise<'made' | 'kept'> {
  const claim = claimOf(keys)
  const outcome = await claimFolder(claim, (folder) => writePair(folder, keys))
  if (outcome === 'made' || (await isPair(join(keys.oauthFolder, keys.slug)))) return outcome
  await releaseFolder(claim)
  return claimFolder(claim, (folder) => writePair(folder, keys))
}

/** Removes the pair if this task made it. */
export async function undoOAuthKeys(keys: KeyFolder): Promise<void> {
  await releaseFolder(claimOf(keys))
}

/** Lets another user of PHP sign with them. Nothing where there are none. */
export async function giveKeysTo(oauthFolder: string, slug: string, { uid, gid }: FileOwner): Promise<void> {
  const folder = join(oauthFolder, slug)
  try {
    for (const file of [privateKeyFile, publicKeyFile]) await lchown(join(folder, file), uid, gid)
    await lchown(folder, -1, gid)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw folderError(error, 'WIKIFARM_OAUTH_DIR')
  }
}

const generate = promisify(generateKeyPair)
export const privateKeyFile = 'oauth.key'
const publicKeyFile = 'oauth.cert'

function claimOf({ oauthFolder, slug, task }: KeyFolder): FolderClaim {
  return { parent: oauthFolder, place: 'WIKIFARM_OAUTH_DIR', slug, task }
}

async function writePair(folder: string, { owner, signal }: OAuthKeys): Promise<void> {
  signal?.throwIfAborted()
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 })
  signal?.throwIfAborted()
  // The library that reads them takes notice of any that others can read.
  const files = [
    [privateKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600],
    [publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }), 0o640],
  ] as const
  for (const [name, content, mode] of files) {
    const handle = await open(join(folder, name), 'wx', 0o600)
    try {
      await handle.writeFile(content)
      if (owner !== undefined) await handle.chown(owner.uid, owner.gid)
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  // PHP's user goes through the folder, and has no say over who made it.
  if (owner !== undefined) await chown(folder, -1, owner.gid)
  await chmod(folder, 0o750)
}

async function isPair(folder: string): Promise<boolean> {
  const [privatePem, publicPem] = await Promise.all([read(privateKeyFile), read(publicKeyFile)])
  try {
    return createPublicKey(privatePem).equals(createPublicKey(publicPem))
  } catch {
    return false
  }

  async function read(name: string): Promise<string> {
    try {
      return (await readPlainFile(join(folder, name))).bytes.toString('utf8')
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return ''
      throw folderError(error, 'WIKIFARM_OAUTH_DIR')
    }
  }
}
