// @ts-check
/**
 * Holds every connection that this process makes to the rules, at the one place through which `fetch`, `http`, `https`
 * and `tls` all go. A name is resolved once, and what it resolved to is what was judged and what is connected to.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { lookup as dnsLookup } from 'node:dns'
import { get } from 'node:http'
import { isIP, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { mayConnect, NotPublic, wayTo } from './outgoing-rules.js'

/**
 * @typedef {object} FarmPlace where the farm itself listens
 * @property {string} host an address
 * @property {number} port
 */

/** @type {AsyncLocalStorage<ReadonlySet<string>>} */
const trustedServers = new AsyncLocalStorage()
let isHeld = false

/**
 * Whatever connects while this runs, and in what follows from it, may also ask these servers.
 *
 * @template T
 * @param {ReadonlySet<string>} servers `host:port` each
 * @param {() => T} run
 * @returns {T}
 */
export function trusting(servers, run) {
  return trustedServers.run(servers, run)
}

/**
 * For good, and once: the first call's rules stand.
 *
 * @param {import('./outgoing-rules.js').OutgoingRules} rules
 * @param {FarmPlace} farm
 */
export function holdConnections(rules, farm) {
  if (isHeld) return
  isHeld = true
  const openOnce = siteOpener(farm)
  const { connect } = Socket.prototype
  /** @type {(this: Socket, ...args: any[]) => Socket} */
  const held = function (...args) {
    const options = optionsOf(args)
    if (typeof options.path === 'string') return connect.apply(this, /** @type {any} */ (args))
    const host = options.host ?? 'localhost'
    const port = Number(options.port)
    const way = wayTo({ host, port, encrypted: this instanceof TLSSocket }, rules, trustedServers.getStore())
    if (way === 'at the farm itself') {
      const lookup = answering(async () => {
        await openOnce(host)
        return [{ address: farm.host, family: isIP(farm.host) }]
      })
      replaceOptions(args, { ...options, port: farm.port, lookup })
    } else if (way === 'by its addresses') {
      if (isIP(host) !== 0 && !mayConnect(host, port, rules)) return this.destroy(new NotPublic(host))
      const lookup = lookingUp(port, rules, options.lookup ?? dnsLookup)
      replaceOptions(args, { ...options, lookup })
    }
    return connect.apply(this, /** @type {any} */ (args))
  }
  Socket.prototype.connect = /** @type {any} */ (held)
}

/**
 * Looks a name up and leaves those of its addresses that may be connected to.
 *
 * @param {number} port
 * @param {import('./outgoing-rules.js').OutgoingRules} rules
 * @param {import('node:net').LookupFunction} resolve
 * @returns {import('node:net').LookupFunction}
 */
export function lookingUp(port, rules, resolve) {
  return (host, options, done) => {
    const found = () =>
      new Promise((resolved, failed) => {
        resolve(host, { ...options, all: true }, (error, addresses) => {
          if (error) return failed(error)
          const all = /** @type {import('node:dns').LookupAddress[]} */ (addresses)
          const allowed = all.filter(({ address }) => mayConnect(address, port, rules))
          if (allowed.length > 0) resolved(allowed)
          else failed(new NotPublic(host))
        })
      })
    answering(found)(host, options, done)
  }
}

/**
 * @param {() => Promise<import('node:dns').LookupAddress[]>} find
 * @returns {import('node:net').LookupFunction}
 */
function answering(find) {
  return (_host, { all }, done) => {
    find().then(
      (addresses) => {
        const [first] = addresses
        if (all || first === undefined) done(null, addresses)
        else done(null, first.address, first.family)
      },
      (/** @type {Error} */ error) => done(error, ''),
    )
  }
}

/**
 * The farm opens a site at its first request, and once more for each that comes before it is open: so one goes ahead.
 *
 * @param {FarmPlace} farm
 * @returns {(site: string) => Promise<void>}
 */
function siteOpener(farm) {
  /** @type {Map<string, Promise<void>>} */
  const opened = new Map()
  return (site) => {
    const known = opened.get(site)
    if (known !== undefined) return known
    const opening = ask(farm, site)
    opened.set(site, opening)
    opening.catch(() => opened.delete(site))
    return opening
  }
}

/**
 * @param {FarmPlace} farm
 * @param {string} site
 * @returns {Promise<void>}
 */
function ask({ host, port }, site) {
  return new Promise((resolve, reject) => {
    trusting(new Set([`${host}:${port}`]), () => {
      get({ host, port, path: '/system/plugins.json', headers: { host: site }, agent: false }, (answer) => {
        answer.resume().once('close', resolve)
      }).once('error', reject)
    })
  })
}

/**
 * `connect(options)`, `connect(port, host)`, `connect(path)`; Node's own calls come as one list of both.
 *
 * @param {any[]} args
 * @returns {import('node:net').TcpSocketConnectOpts & { path?: unknown }}
 */
function optionsOf([first, second]) {
  if (Array.isArray(first)) return first[0]
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { port: 0, path: first }
  return { port: Number(first), ...(typeof second === 'string' && { host: second }) }
}

/**
 * @param {any[]} args
 * @param {object} options
 */
function replaceOptions(args, options) {
  const [first, second] = args
  // Node knows its own list by a mark on it: the list stays.
  if (Array.isArray(first)) first[0] = options
  else {
    if (typeof first !== 'object' && typeof second === 'string') args.splice(1, 1)
    args[0] = options
  }
}
