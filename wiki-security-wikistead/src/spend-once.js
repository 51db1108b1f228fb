// @ts-check
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** After its expiry, so that a mark outlives every request that began in time. */
const keptMs = 60_000

/**
 * Marks a nonce as used. The mark is a file, made exclusively, so that it holds between processes and over restarts;
 * marks that have outlived what they mark are removed on the way.
 *
 * @param {string} folder
 * @param {string} prefix of the marks of one kind; a dot first, so that they are no part of the site
 * @param {string} nonce of characters that may stand in a file's name
 * @param {number} expires in milliseconds since the epoch
 * @returns {Promise<boolean>} false when it was used before
 */
export async function spendOnce(folder, prefix, nonce, expires) {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix) && Number(name.slice(prefix.length).split('.')[0]) + keptMs < Date.now()) {
      await rm(join(folder, name), { force: true })
    }
  }
  try {
    const mark = await open(join(folder, `${prefix}${expires}.${nonce}`), 'wx', 0o600)
    await mark.close()
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}
