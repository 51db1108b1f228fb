// @ts-check
/**
 * Gives a site another owner, or one to a site that has none. FarmManager's PATCH changes only the name in owner.json,
 * and so leaves the old owner's sign-in in charge.
 */
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from './configuration.js'

/** @typedef {{ name: string; oauth2: { id: string; username: string } }} Owner */

export class NoSuchSite extends Error {}

/**
 * The owner that a request's body names, if it is exactly that.
 *
 * @param {unknown} body
 * @returns {Owner | undefined}
 */
export function parseOwner(body) {
  if (!isObject(body) || !hasExactly(body, ['name', 'oauth2']) || !isObject(body['oauth2'])) return undefined
  const { name, oauth2 } = body
  if (!hasExactly(oauth2, ['id', 'username'])) return undefined
  const { id, username } = oauth2
  return isText(name) && isText(id) && isText(username) ? { name, oauth2: { id, username } } : undefined
}

/**
 * Writes owner.json in one step: readers see the old owner or the new one, also after a crash.
 *
 * @param {string} farm the folder of the sites
 * @param {string} domain a plain domain
 * @param {Owner} owner
 * @returns {Promise<unknown>} the owner, read back
 * @throws {NoSuchSite}
 */
export async function replaceOwner(farm, domain, owner) {
  const site = join(farm, domain)
  const status = join(site, 'status')
  const file = join(status, 'owner.json')
  const temporary = join(status, `.owner.json.${randomUUID()}`)
  await requireFolder(site)
  // A creation that was cut short leaves a folder without it.
  await mkdir(status, { mode: 0o755 }).catch(unless('EEXIST'))
  await requireFolder(status)
  const old = await lstat(file).catch(unless('ENOENT'))
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(JSON.stringify(owner, null, 2))
      if (old?.isFile()) await handle.chmod(old.mode & 0o777)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    return /** @type {unknown} */ (JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    await rm(temporary, { force: true })
    // The site was deleted meanwhile.
    unless('ENOENT')(error)
    throw new NoSuchSite(domain)
  }
}

/** @param {string} path a folder, and no link that leads elsewhere */
async function requireFolder(path) {
  const found = await lstat(path).catch(unless('ENOENT'))
  if (!found?.isDirectory()) throw new NoSuchSite(path)
}

/**
 * @param {string} code
 * @returns {(error: unknown) => undefined}
 */
function unless(code) {
  return (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== code) throw error
  }
}

/**
 * @param {Record<string, unknown>} object
 * @param {string[]} keys
 */
function hasExactly(object, keys) {
  return Object.keys(object).length === keys.length && keys.every((key) => Object.hasOwn(object, key))
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isText(value) {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 255 && !/\p{Cc}/u.test(value)
}
