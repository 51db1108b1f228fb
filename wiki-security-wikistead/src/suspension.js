// @ts-check
/**
 * A site that the farm's operators have taken out of service, whatever its owner and FarmManager say: `suspended.json` beside
 * owner.json. It outlives restarts, and goes with the site.
 */
import { randomUUID } from 'node:crypto'
import { lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from './configuration.js'
import { NoSuchSite } from './replace-owner.js'

/** @typedef {{ reason: string; contact: string }} Suspension */

/**
 * Runs before every route of the site, its pages, files and sign-in alike.
 *
 * @param {string} folder the site's
 * @returns {import('./types.d.ts').Handler}
 */
export function refuseSuspended(folder) {
  return async (req, res, next) => {
    // What cannot be read is not taken for nothing.
    const text = await readFile(fileOf(folder), 'utf8').catch((error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error)
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : ''
    })
    if (text === undefined) {
      next()
      return
    }
    res.set('Cache-Control', 'no-store')
    res.set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    res.set('X-Content-Type-Options', 'nosniff')
    res.set('X-Robots-Tag', 'noindex')
    // Pages and slugs are read by other wikis, too, which make something of JSON only.
    const { reason, contact } = parseSuspension(parse(text)) ?? { reason: '', contact: '' }
    if (/\.json(?:\?|$)/.test(req.url)) {
      res.status(403).json({ error: `This site is suspended by the operators of the farm. ${reason}`.trim() })
    } else res.status(403).type('html').send(pageOf(reason, contact))
  }
}

/**
 * What a request's body says, if it is exactly that.
 *
 * @param {unknown} body
 * @returns {Suspension | undefined}
 */
export function parseSuspension(body) {
  if (!isObject(body) || Object.keys(body).length !== 2) return undefined
  const { reason, contact } = body
  if (typeof reason !== 'string' || typeof contact !== 'string') return undefined
  if (reason.trim() === '' || reason.length > 1_000 || contact.length > 2_000) return undefined
  return { reason, contact }
}

/**
 * @param {string} farm the folder of the sites
 * @param {string} domain a plain domain
 * @param {Suspension | undefined} suspension undefined lifts it
 * @throws {NoSuchSite}
 */
export async function setSuspension(farm, domain, suspension) {
  const site = join(farm, domain)
  const status = join(site, 'status')
  for (const path of [site, status]) {
    const found = await lstat(path).catch(unless('ENOENT'))
    if (!found?.isDirectory()) throw new NoSuchSite(domain)
  }
  if (suspension === undefined) {
    await rm(fileOf(site), { force: true })
    return
  }
  const temporary = join(status, `.suspended.json.${randomUUID()}`)
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(JSON.stringify(suspension))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, fileOf(site))
  } catch (error) {
    await rm(temporary, { force: true })
    // The site was deleted meanwhile.
    unless('ENOENT')(error)
    throw new NoSuchSite(domain)
  }
}

/** @param {string} folder */
const fileOf = (folder) => join(folder, 'status', 'suspended.json')

/**
 * @param {string} text
 * @returns {unknown}
 */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * @param {string} reason
 * @param {string} contact
 */
function pageOf(reason, contact) {
  const ask = /^(?:https?:\/\/|mailto:)/.test(contact)
    ? `\n<p>Who objects, or knows more, can <a href="${escaped(contact)}" rel="nofollow">ask the operators</a>.</p>`
    : ''
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>This site is suspended</title>
<style>body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style>
<h1>This site is suspended</h1>
<p>The operators of the farm have taken it out of service. The reason that they gave:</p>
<blockquote dir="auto">${escaped(reason)}</blockquote>${ask}
</html>
`
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`)
}

/**
 * @param {string} wanted
 * @returns {(error: unknown) => undefined}
 */
function unless(wanted) {
  return (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== wanted) throw error
  }
}
