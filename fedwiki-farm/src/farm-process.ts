/** A FedWiki farm of the npm packages as a supervised child, on a loopback port, for a guard to stand in front of. */
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isPlainDomain } from '@wikistead/contracts'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { giveFolder, runAs, superviseChild, type ChildState, type User } from '@wikistead/processes'
import { farmConfig, farmPaths, type SiteSignIn, type WikiDomain } from './farm-config.ts'
import { requestFarm } from './farm-request.ts'
import { freePort } from './free-port.ts'
import { OpenSites } from './open-sites.ts'

const require = createRequire(import.meta.url)

export interface FarmOptions {
  /** Absolute. Holds everything of the farm: `sites/`, its configuration, its log; made when missing. */
  readonly folder: string
  /** On 127.0.0.1; default a free one. */
  readonly port?: number
  /** The one site that serves FarmManager, to the bearer of the token; made when missing. */
  readonly adminHost: string
  /** Random, at least 32 characters; only its hash reaches the disk. */
  readonly adminToken: string
  /** The `sub` of the one person whose sign-in makes them admin of the farm; default nobody. */
  readonly adminSub?: string
  /** Signs owner links, see `createOwnerLink`; without it there are none. */
  readonly ownerLinkKey?: string
  /** With any, the farm serves no other host. Their root sites are made when missing. */
  readonly wikiDomains?: readonly WikiDomain[]
  /** Where the members of every site sign in, whatever its domain. */
  readonly siteSignIn?: SiteSignIn
  /** Addresses and networks that visitors may have the farm ask, beside the public Internet and its own sites. */
  readonly allowedNetworks?: readonly string[]
  /** Whom the farm runs as, default whoever calls this; takes root. It gets the sites, and reads its configuration. */
  readonly user?: User
  /** Added to the farm's environment, of which nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>
  readonly onChange?: (state: ChildState) => void
}

export interface Farm extends AsyncDisposable {
  /** The farm itself: for the guard, which keeps harmful Host headers from it. */
  readonly port: number
  readonly adminHost: string
  /** One folder a site. */
  readonly sitesFolder: string
  readonly logFile: string
  readonly state: ChildState
  /**
   * Opens a site by one request that all callers share; at once when this run of the farm has it open. False when
   * the farm has no such site; rejects when it does not answer.
   */
  warmUp(host: string): Promise<boolean>
  /** Ends the farm with all its processes; may be called twice. */
  close(): Promise<void>
}

/**
 * Resolves when FarmManager answers. The farm is started again when it dies, on the same port.
 *
 * @throws RangeError for an unfit option; Error with the end of the farm's log when it does not start.
 */
export async function startFarm(options: FarmOptions): Promise<Farm> {
  const { folder, adminHost, adminToken, wikiDomains = [] } = options
  requireFit(options)
  const paths = farmPaths(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const roots = [adminHost, ...wikiDomains.map(({ domain }) => domain)]
  const statusFolders = roots.map((root) => join(paths.sites, root, 'status'))
  if (options.user === undefined) {
    for (const path of [paths.commons, paths.home, ...statusFolders])
      await mkdir(path, { recursive: true, mode: 0o755 })
  } else await giveTo(options.user, folder, statusFolders)
  const port = options.port ?? (await freePort())
  // Where the farm looks for its plugins by name.
  const packageFolder = dirname(dirname(require.resolve('wiki-plugin-farmmanager/package.json')))
  const sessionSecret = await readOrMakeSecret(paths.sessionSecret)
  const config = farmConfig({ ...options, port, packageFolder, sessionSecret })
  await writePrivately(paths.config, JSON.stringify(config, null, 2), options.user)

  const sites = new OpenSites(port)
  const child = await superviseChild({
    name: 'the FedWiki farm',
    command: process.execPath,
    args: [
      '--import',
      new URL('wiki-package-hook.ts', import.meta.url).href,
      farmProgram,
      '--config',
      paths.config,
    ],
    cwd: paths.home,
    // In any other NODE_ENV the farm prints its configuration, secrets and all.
    env: { ...options.env, HOME: paths.home, NODE_ENV: 'production' },
    logFile: paths.log,
    ...(options.user && { as: { ...options.user, sees: [folder, ...farmPrograms] } }),
    ready: (signal) => answers(port, adminHost, adminToken, signal),
    onChange(state) {
      if (state.kind !== 'ready') sites.forgetAll()
      options.onChange?.(state)
    },
  })
  const close = () => child.stop()
  return {
    port,
    adminHost,
    sitesFolder: paths.sites,
    logFile: paths.log,
    get state() {
      return child.state
    },
    warmUp: (host) => sites.open(host),
    close,
    [Symbol.asyncDispose]: close,
  }
}

export const farmProgram = require.resolve('fedwiki')

/** What runs the farm: Node, and everything that is installed with us. */
export const farmPrograms: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''),
]

/** The farm's own folders; around them our secrets and the log stay ours. Below `sites` nothing is done but by that user. */
async function giveTo(user: User, folder: string, statusFolders: readonly string[]): Promise<void> {
  await chown(folder, -1, user.gid)
  await chmod(folder, 0o710)
  const { sites, commons, home } = farmPaths(folder)
  for (const path of [sites, commons, home]) await giveFolder(path, user)
  await runAs({ ...user, sees: [sites] }, ['/bin/mkdir', '-p', '--', ...statusFolders])
}

/** Resolves when FarmManager answers; asks one thing at a time, so that the admin site is opened once. */
async function answers(port: number, adminHost: string, token: string, signal: AbortSignal): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const path = `/plugin/farmmanager/sites/${adminHost}`
  for (;;) {
    const answer = await requestFarm(port, adminHost, path, { headers, signal }).catch(() => undefined)
    if (answer?.status === 200) return
    signal.throwIfAborted()
    if (answer?.status === 403) throw new Error('it refuses the admin token')
    await sleep(50, undefined, { signal })
  }
}

function requireFit(options: FarmOptions): void {
  const { folder, adminHost, adminToken, ownerLinkKey, wikiDomains = [] } = options
  if (!isAbsolute(folder)) throw new RangeError(`The farm's folder must be an absolute path, not ${folder}`)
  for (const host of [adminHost, ...wikiDomains.map(({ domain }) => domain)]) {
    if (!isPlainDomain(host)) throw new RangeError(`${host} cannot be a host of the farm`)
  }
  for (const secret of [adminToken, ownerLinkKey]) {
    if (secret !== undefined && secret.length < 32) {
      throw new RangeError('A token or key of the farm has at least 32 characters')
    }
  }
}

/** Kept, so that visitors stay signed in over a restart. */
async function readOrMakeSecret(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (kept.length >= 32) {
    learnSecret(kept)
    return kept
  }
  const made = randomBytes(48).toString('base64url')
  learnSecret(made)
  await writePrivately(file, made)
  return made
}

/** For us, and a user who reads it. */
async function writePrivately(file: string, text: string, reader?: User): Promise<void> {
  const temporary = `${file}.new`
  await writeFile(temporary, text, { mode: 0o600 })
  if (reader !== undefined) {
    await chown(temporary, -1, reader.gid)
    await chmod(temporary, 0o640)
  }
  await rename(temporary, file)
}
