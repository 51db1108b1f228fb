import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Everybody reads what is in a folder, and only its owner writes: it is MediaWiki's and our own code, and PHP's user is in no
 * group that counts. Whatever it was unpacked or copied under, nothing of that is left. No secret may be in there.
 */
export async function openToRead(folder: string): Promise<void> {
  await promisify(execFile)('chmod', ['--recursive', 'u=rwX,go=rX', '--', folder])
}
