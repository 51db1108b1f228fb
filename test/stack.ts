/**
 * Wikistead as it runs, for tests: its own Temporal server, its own store, worker and API in this process, all against
 * a farm that the test brings. Nothing is shared with other test files, so a test may kill what it likes.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { loadConfig, type Config } from '@wikistead/config'
import { startFarm, startGuard, type Farm, type FarmOptions } from '@wikistead/fedwiki-farm'
import { findTemporalCli, startTemporalServer, type TemporalServer } from '@wikistead/processes'
import {
  bootstrapTokenFile,
  createLogger,
  runApi,
  runWorkerAlone,
  type WorkerExtras,
} from '@wikistead/server'
import { openStore, type Store, type StoreConfig } from '@wikistead/store'
import { inject } from 'vitest'
import { sharedConsoleBundle } from './console-bundle.ts'
import { secretsInFiles } from './secret-flags.ts'
import { freshStore, type storeEngines } from './stores.ts'

export const testAdminHost = 'admin.wiki.localhost'
export const testAdminToken = 'a-token-for-tests-only-0123456789abcdef'
/** What owner links of the test farm are signed with. */
export const testOwnerLinkKey = 'a-key-for-owner-links-in-tests-only-0123'
export const testParentDomain = 'wiki.localhost'

export interface FarmForTests extends AsyncDisposable {
  readonly farm: Farm
  /** Of the guard before it. */
  readonly url: string
}

/** A real farm behind its guard. Takes seconds and 350 MB: one a test file. */
export async function startTestFarm({
  guardPort = 0,
  ...options
}: Partial<FarmOptions> & { readonly guardPort?: number } = {}): Promise<FarmForTests> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-farm-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const farm = started.use(
    await startFarm({
      ...{ folder, adminHost: testAdminHost, adminToken: testAdminToken },
      ...{ ownerLinkKey: testOwnerLinkKey, ...options },
    }),
  )
  const guard = started.use(await startGuard({ listen: { host: '127.0.0.1', port: guardPort }, farm }))
  const running = started.move()
  return {
    farm,
    url: `http://127.0.0.1:${String(guard.port)}`,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export interface StackOptions {
  /** Where FarmManager answers; without it there is no FedWiki. */
  readonly farmUrl?: string
  /** Also a worker on this host of the MediaWiki farm. */
  readonly host?: string
  readonly storeEngine?: (typeof storeEngines)[number]
  /** A database of the test's own instead; it must be empty. */
  readonly storePlace?: StoreConfig
  /** Settings by their names, over the defaults of tests. */
  readonly settings?: Readonly<Record<string, string>>
  readonly worker?: WorkerExtras
  /** Which processes run inside of the test; those left out the test runs itself. */
  readonly run?: readonly ('api' | 'worker')[]
  /** Where those write their logs, instead of to stdout. */
  readonly log?: { write(line: string): void }
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

export interface Stack extends AsyncDisposable {
  readonly config: Config
  /** The settings that made the config, for processes that the test starts itself: `wikistead worker` + these. */
  readonly flags: readonly string[]
  readonly folder: string
  readonly store: Store
  /** Where the store's database is. */
  readonly storePlace: StoreConfig
  readonly temporal: TemporalServer
  /** The command that runs it. */
  readonly temporalCli: string
  /** Of the API in this process. */
  readonly url: string
  /** Of the local admin. */
  readonly token: string
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    options?: CallOptions,
  ): Promise<Answer<T>>
  /** A member of their own, with a token. */
  newMember(name: string): Promise<{ readonly id: number; readonly token: string; readonly subject: string }>
}

export interface CallOptions {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Another API than the one in this process. */
  readonly url?: string
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { run = ['api', 'worker'], storeEngine = 'sqlite' } = options
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-stack-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const cli = await findTemporalCli({
    env: process.env,
    cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
  })
  const temporal = started.use(await startTemporalServer({ cli: cli.path, folder: join(folder, 'temporal') }))
  await bringBundle(join(folder, 'data', 'cache'))
  if (options.settings?.['console'] === 'true') await bringConsole(join(folder, 'data', 'cache'))
  const place = options.storePlace ?? started.use(await freshStore(storeEngine)).config
  const settings: Record<string, string> = {
    'data-folder': join(folder, 'data'),
    'log-level': process.env['LOG_LEVEL'] ?? 'silent',
    port: '0',
    // The tests of the console turn it on.
    console: 'false',
    'store-url':
      place.engine === 'sqlite'
        ? `sqlite:${place.filename}`
        : `mariadb://${place.user}@localhost/${place.database}?socket=${place.socketPath ?? ''}`,
    'temporal-address': temporal.address,
    ...(options.farmUrl !== undefined && {
      'fedwiki-farm-url': options.farmUrl,
      'fedwiki-parent-domain': testParentDomain,
      'fedwiki-admin-host': testAdminHost,
      'fedwiki-admin-token': testAdminToken,
    }),
    'fedwiki-site-url': 'http://{domain}',
    'fedwiki-site-limit': '1000',
    // Tests ask as one user, and often; and bring many tasks to a standstill at once.
    'rate-limits': 'false',
    ...(options.farmUrl !== undefined && { 'fedwiki-creations': '100' }),
    ...(options.settings?.['wikifarm-dir'] !== undefined && { 'wikifarm-host-creations': '30' }),
    ...options.settings,
  }
  const onCommandLine = secretsInFiles(settings, join(folder, 'secrets'))
  const config = loadConfig({ flags: onCommandLine, env: {} })
  const environment = { env: {}, logger: createLogger(config.logLevel, options.log) }
  if (run.includes('worker')) started.use(await runWorkerAlone(config, environment, options.worker))
  if (options.host !== undefined) {
    started.use(await runWorkerAlone(config, environment, options.worker, options.host))
  }
  const api = run.includes('api') ? started.use(await runApi(config, environment)) : undefined
  const store = started.use(await openStore(place))
  const token = api === undefined ? '' : await readFile(bootstrapTokenFile(config.dataFolder), 'utf8')
  const url = api?.url ?? ''
  const running = started.move()

  const call: Stack['call'] = async <T>(
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer<T>> => {
    const answer = await fetch((options.url ?? url) + path, {
      method,
      headers: {
        authorization: `Bearer ${options.token ?? token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const { status, headers } = answer
    return { status, headers, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as T }
  }

  return {
    ...{ config, folder, store, storePlace: place, temporal, temporalCli: cli.path, url, token, call },
    flags: Object.entries(onCommandLine).map(([name, value]) => `--${name}=${value}`),
    async newMember(name) {
      const subject = `sub-of-${name}`
      const { body } = await call<{ user: { id: number }; token: string }>('POST', '/v1/users', {
        name,
        subject,
      })
      return { id: body.user.id, token: body.token, subject }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** The workflows' bundle of this run, where a worker looks for it before it makes one itself: that takes seconds. */
async function bringBundle(cacheFolder: string): Promise<void> {
  const bundle = inject('workflowBundlePath')
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 })
  await copyFile(bundle, join(cacheFolder, basename(bundle)))
}

/** The console as well, which is built once for all tests. */
async function bringConsole(cacheFolder: string): Promise<void> {
  const bundle = await sharedConsoleBundle()
  await symlink(bundle, join(cacheFolder, basename(bundle)))
}
