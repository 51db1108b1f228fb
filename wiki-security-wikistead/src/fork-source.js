// @ts-check
/** Where a fork takes its page from. The farm makes an address of it where nothing catches what that throws, and ends. */
import { URL } from 'node:url'
import { isObject } from './configuration.js'

export const forkPath = /^\/page\/([a-z0-9-]+)\/action$/i

/** @type {import('./types.d.ts').Handler} */
export function refuseForkFromNowhere(req, res, next) {
  const action = isObject(req.body) ? parsed(req.body['action']) : undefined
  const named = isObject(action)
    ? [action['fork'], action['type'] === 'fork' ? action['site'] : undefined]
    : []
  const isServer = (/** @type {unknown} */ name) => !name || URL.canParse(`http://${String(name)}/page.json`)
  if (named.every(isServer)) next()
  else
    res.status(400).type('text/plain').send('A page is forked from a site, named like notes.example.org.\n')
}

/** @param {unknown} text */
function parsed(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(String(text)))
  } catch {
    // The farm says so itself.
    return undefined
  }
}
