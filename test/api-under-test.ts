/**
 * The API alone, asked in process: over a store of its own, without a worker. Where a test needs what a worker does, it
 * writes the rows that one would have left.
 */
import { createApi, type ApiDeps } from '@wikistead/api'
import type { Role } from '@wikistead/contracts'
import { tailingLive, TaskEventStream } from '@wikistead/live'
import { createMetrics } from '@wikistead/metrics'
import { createLogger, openClient } from '@wikistead/server'
import type { Store, StoreConfig, StoreOptions, WikiRow } from '@wikistead/store'
import { WorkflowRuns } from '@wikistead/tasks'
import { inject } from 'vitest'
import type {} from './provided.ts'
import { freshStore, type storeEngines } from './stores.ts'

export { createLogger }

export interface ApiUnderTest extends AsyncDisposable {
  readonly store: Store
  /** Where the store's database is. */
  readonly storeConfig: StoreConfig
  readonly app: Awaited<ReturnType<typeof createApi>>
  ask(method: Method, path: string, asking?: Asking): Promise<ApiAnswer>
  /** A user with a token of theirs. */
  user(name: string, role?: Role): Promise<Asker>
  /** A wiki that stands and that nobody works on, unless `more` says otherwise. */
  wiki(owner: Asker, domain: string, more?: Partial<NewWiki>): Promise<WikiRow>
}

type NewWiki = Parameters<Store['wikis']['insert']>[0]
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Asker {
  readonly id: number
  readonly token: string
}

export interface Asking {
  /** Nobody when left out. */
  readonly as?: Asker | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Empty when the answer is no JSON object. */
  readonly body: Record<string, unknown>
}

export const testPublicUrl = 'http://wikistead.test'
export const testSupportUrl = 'https://help.example.org/'

export async function startApiUnderTest(
  options: {
    readonly storeEngine?: (typeof storeEngines)[number]
    readonly storeOptions?: StoreOptions
    readonly temporalAddress?: string
    readonly temporalNamespace?: string
    /** What is other than tests have it. */
    readonly deps?: Partial<ApiDeps>
  } = {},
): Promise<ApiUnderTest> {
  const { storeEngine = 'sqlite', temporalAddress = inject('temporalAddress'), deps = {} } = options
  const { temporalNamespace: namespace = 'default' } = options
  await using started = new AsyncDisposableStack()
  const { store, config: storeConfig } = started.use(await freshStore(storeEngine, options.storeOptions))
  const client = openClient({
    ...{ connectionOptions: { address: temporalAddress }, namespace, explanation: '' },
  })
  started.defer(() => client.connection.close())
  const live = started.use(tailingLive({ lastSeqs: (taskIds) => store.tasks.lastSeqs(taskIds) }))
  const app = await createApi({
    ...{ store, live, client, runs: new WorkflowRuns(client), metrics: createMetrics() },
    events: new TaskEventStream({
      live,
      eventsAfter: (taskId, seq, limit) => store.tasks.eventsAfter(taskId, seq, limit),
    }),
    logger: createLogger(process.env['LOG_LEVEL'] === 'warn' ? 'warn' : 'silent'),
    fedwiki: {
      rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test', customDomains: false },
      siteLimit: 1000,
      ...{ undoWindowMs: 604_800_000, isEmbedded: false },
      siteUrl: (domain) => `http://${domain}`,
      proveControl: () => Promise.resolve(),
    },
    ...{ supportUrl: testSupportUrl, createWaitMs: 0, publicUrl: () => testPublicUrl },
    ...deps,
  })
  started.defer(() => app.close())
  const running = started.move()
  return {
    ...{ store, storeConfig, app },
    async ask(method, path, { as, body, text, headers = {} } = {}) {
      const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
      const answer = await app.inject({
        ...{ method, url: path },
        headers: {
          ...(as !== undefined && { authorization: `Bearer ${as.token}` }),
          ...(payload !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload !== undefined && { payload }),
      })
      const { statusCode: status, payload: read } = answer
      const object = read.startsWith('{') ? (JSON.parse(read) as Record<string, unknown>) : {}
      return { status, headers: answer.headers, text: read, body: object }
    },
    user: (name, role = 'member') =>
      store.transaction(async ({ users, tokens }) => {
        const { user_id: id } = await users.ensure({ name, role, issuer: 'test', subject: `sub-of-${name}` })
        return { id, token: await tokens.issue(id, { label: 'test' }) }
      }),
    wiki: ({ id }, domain, more = {}) =>
      store.wikis.insert({
        ...{ engine: 'fedwiki', address: domain, name: domain, status: 'active', visibility: 'public' },
        ...{ customDomain: false, ownerId: id, ownerSubject: '', ownerName: '', taskId: null },
        ...more,
      }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
