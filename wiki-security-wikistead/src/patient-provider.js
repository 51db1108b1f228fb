// @ts-check
/** Asks a provider for a token with patience, and not for ever: passport-oauth2 itself would wait as long as nobody answers. */
import { createRequire } from 'node:module'
import { clearTimeout, setTimeout } from 'node:timers'

const patienceMs = 20_000
let isPatient = false

/**
 * @typedef {(error: unknown, ...rest: unknown[]) => void} Done
 * @typedef {(this: unknown, library: unknown, options: Record<string, unknown>, body: unknown, done: Done) => void} Execute
 */

/** For every sign-in of this process, once. */
export function askWithPatience(ms = patienceMs) {
  if (isPatient) return
  isPatient = true
  const fromHere = createRequire(import.meta.url)
  const fromPassportjs = createRequire(fromHere.resolve('wiki-security-passportjs'))
  const fromStrategy = createRequire(fromPassportjs.resolve('passport-oauth2'))
  /** @type {{ OAuth2: { prototype: { _executeRequest: Execute } } }} */
  const { OAuth2 } = fromStrategy('oauth')
  const { _executeRequest: execute } = OAuth2.prototype
  /** @type {Execute} */
  const patient = function (library, options, body, done) {
    let isDone = false
    const stopping = new globalThis.AbortController()
    /** @type {Done} */
    const once = (...given) => {
      clearTimeout(timer)
      if (isDone) return
      isDone = true
      done(...given)
    }
    const timer = setTimeout(() => {
      stopping.abort()
      once(new Error('The provider does not answer.'))
    }, ms)
    execute.call(this, library, { ...options, signal: stopping.signal }, body, once)
  }
  OAuth2.prototype._executeRequest = patient
}
