/**
 * Every route that Fastify knows, asked by everybody there is. What they are answered must be what the table says; what
 * that means is said here a second time, apart from the code that enforces it.
 */
import type { Role, TokenScope } from '@wikistead/contracts'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { permissions, type Permission } from './permissions.ts'

interface Somebody extends Asker {
  /** With a browser's session instead of a token. */
  readonly inBrowser?: boolean
  /** Who signed in there too long ago for the gravest acts. */
  readonly longAgo?: boolean
  readonly role: Role
  readonly owns: boolean
  /** null: all that they may do. */
  readonly scopes: readonly TokenScope[] | null
  readonly blocked?: boolean
}

let api: ApiUnderTest
let owner: Asker
const started = new AsyncDisposableStack()
const everybody = new Map<string, Somebody | undefined>()

beforeAll(async () => {
  api = started.use(
    await startApiUnderTest({
      deps: { consoleFolder: await someConsole(), accounts: { signUp: { by: 'invitation' } } },
    }),
  )
  owner = await api.user('owner')
  const people = [
    ['another member', await api.user('other'), 'member', false],
    ['the owner', owner, 'member', true],
    ['an operator', await api.user('operator', 'operator'), 'operator', false],
    ['an admin', await api.user('admin', 'admin'), 'admin', false],
  ] as const
  everybody.set('anonymous', undefined)
  for (const [name, person, role, owns] of people) {
    everybody.set(name, { ...person, role, owns, scopes: null })
    const inBrowser = { ...person, role, owns, scopes: null, inBrowser: true }
    everybody.set(`${name} in a browser`, inBrowser)
    everybody.set(`${name} in a browser since long ago`, { ...inBrowser, longAgo: true })
    for (const scopes of [
      ...(['read', 'wikis', 'operate', 'admin', 'sensitive'] as const).map((scope) => [scope]),
      ...(['wikis', 'operate', 'admin'] as const).map((scope) => [scope, 'sensitive'] as const),
    ]) {
      const label = scopes.join()
      const token = await api.store.tokens.issue(person.id, { label, scopes })
      everybody.set(`${name} by a token for ${label}`, { ...person, token, role, owns, scopes })
    }
  }
  const blocked = await api.user('blocked', 'admin')
  await api.store.users.setBlocked(blocked.id, true)
  everybody.set('a blocked admin', { ...blocked, role: 'admin', owns: false, scopes: null, blocked: true })
})
afterAll(() => started.disposeAsync())

/** Files of the names that the console has. */
async function someConsole(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-console-'))
  started.defer(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'assets'))
  for (const name of ['index.html', 'icon.svg']) await writeFile(join(folder, name), '')
  return folder
}

/** Who signs out is signed in again for the next question. */
async function signedIn({ id: userId, longAgo }: Somebody): Promise<Record<string, string>> {
  const provenAt = api.store.now() - (longAgo === true ? 3_600_000 : 0)
  const value = await api.store.sessions.create({ userId, userAgent: 'a test', provenAt })
  const found = await api.store.sessions.byValue(value)
  return { cookie: `wikistead-session=${value}`, 'x-csrf-token': found?.session.csrf_token ?? '' }
}

/** The refusal that the table means for them; undefined: they get through, and the rest is not its business. */
function refusalFor(permission: Permission, as: Somebody | undefined, isGrave: boolean) {
  const before = refusalBefore(permission, as)
  if (before !== undefined || !isGrave || as === undefined) return before
  if (as.inBrowser === true) return as.longAgo === true ? 'fresh_sign_in_required' : undefined
  return as.scopes === null || as.scopes.includes('sensitive') ? undefined : 'scope_missing'
}

/** Whether it is one of the gravest acts or not. */
function refusalBefore({ who, of, scope, nobodyElse, byToken }: Permission, as: Somebody | undefined) {
  if (scope === null) return undefined
  const hidden = of === 'wiki' ? 'wiki_not_found' : of === 'task' ? 'task_not_found' : 'forbidden'
  if (as === undefined) {
    if (who !== 'anyone') return 'unauthenticated'
    return of === undefined ? undefined : hidden
  }
  if (as.blocked === true) return 'blocked'
  const isOperator = as.role !== 'member'
  if (who === 'operator' && !isOperator) return 'forbidden'
  if (who === 'admin' && as.role !== 'admin') return 'forbidden'
  if (byToken === true && as.inBrowser === true) return 'forbidden'
  if (scope === 'session') return as.inBrowser === true ? undefined : 'forbidden'
  const has = (wanted: TokenScope) => as.scopes === null || as.scopes.includes(wanted)
  const operates = scope === 'wikis' ? 'operate' : scope
  if (who !== 'owner')
    return !has(scope) ? 'scope_missing' : of && !as.owns && !isOperator ? hidden : undefined
  if (!has(scope) && !(isOperator && has(operates))) return 'scope_missing'
  if (as.owns) return undefined
  if (!isOperator) return hidden
  return nobodyElse === true ? 'forbidden' : has(operates) ? undefined : 'scope_missing'
}

/** Where the hub's word counts alone, a token of the API is none, and a browser is nobody. */
const refusalOfHub = (permission: Permission, as: Somebody | undefined) =>
  as === undefined || as.inBrowser === true || permission.scope === null
    ? refusalBefore(permission, undefined)
    : 'service_token_invalid'

const isForTheHub = (route: string): boolean => route.startsWith('/provisioner/v1/')

const refusals = [
  'unauthenticated',
  'service_token_invalid',
  'blocked',
  'forbidden',
  'scope_missing',
  'fresh_sign_in_required',
  'wiki_not_found',
  'task_not_found',
]

let count = 0
/** What each variable of a path stands for. A wiki is private and at work; a task has failed: both are the owner's. */
const variables: Readonly<Record<string, () => string | Promise<string>>> = {
  'wikis/:id': async () => {
    const more = { visibility: 'private', taskId: 'at-work' } as const
    return String((await api.wiki(owner, `w${String(count++)}.wiki.test`, more)).wiki_id)
  },
  'tasks/:id': async () => {
    const taskId = `task-${String(count++)}`
    await api.store.transaction(async ({ tasks }) => {
      await tasks.insert({
        ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: owner.id },
        ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
      })
      await tasks.append({ taskId, run: 1, event: { type: 'status', status: 'failed', code: 'fault' } })
    })
    return taskId
  },
  'users/:id': () => String(owner.id),
  ':engine': () => 'fedwiki',
  ':name': () => 'free',
}
/** What an owner's route, and one of the gravest acts, must be sent to be heard at all. */
const bodies: Readonly<Record<string, () => object>> = {
  'PATCH /v1/wikis/:id': () => ({ name: 'Renamed' }),
  'PUT /v1/wikis/:id/suspension': () => ({ reason: 'Spam.' }),
  'POST /v1/wikis/:id/readers': () => ({ name: 'Vera' }),
  'POST /v1/tokens': () => ({ label: 'walked', scopes: ['wikis'] }),
  'PUT /v1/account/password': () => ({
    name: `Walked ${String(count++)}`,
    password: 'a-long-walk-in-the-hills',
  }),
  'PUT /v1/account/second-factor': () => ({ code: '123456' }),
  'POST /v1/account/passkeys': () => ({
    label: 'walked',
    response: { id: 'a', response: { clientDataJSON: 'a' } },
  }),
  'POST /v1/openid-clients': () => ({ id: 'walked', redirect_uris: ['https://walked.test/'] }),
  'POST /v1/users': () => ({ name: 'Walked', subject: `walked-${String(count++)}` }),
}
/** The gravest acts that others on the same route are not. */
const graver: Readonly<Record<string, { readonly body?: object; readonly query?: string }>> = {
  'POST /v1/wikis': {
    body: { engine: 'mediawiki', name: 'n', slug: 'nnn', language: 'en', hub: true },
  },
  'PATCH /v1/wikis/:id': { body: { owner_id: 1 } },
  'DELETE /v1/wikis/:id': { query: '?now=1' },
  'PATCH /v1/users/:id': { body: { blocked: false } },
  'PUT /v1/fedwiki/sync': { body: { default_user_id: 4711 } },
  'POST /v1/fedwiki/sync/trigger': { body: { confirm: true } },
}

async function pathOf(route: string): Promise<string> {
  const parts: string[] = []
  for (const part of route.split('/')) {
    const variable = variables[`${parts.at(-1) ?? ''}/${part}`] ?? variables[part]
    parts.push(part.startsWith(':') ? await (variable?.() ?? '1') : part)
  }
  return parts.join('/')
}

test('what everybody is answered on every route is what the table says', async () => {
  const routes = api.app.everyRoute
  expect(routes.size).toBeGreaterThan(30)
  const wrong: string[] = []
  for (const route of routes) {
    const permission = permissions[route]
    if (permission === undefined) {
      wrong.push(`${route}: the table does not name it`)
      continue
    }
    const { fresh } = permission
    const plain = bodies[route]?.()
    wrong.push(...(await walk(route, permission, { body: plain, isGrave: fresh === true })))
    if (fresh === undefined || fresh === true) continue
    const grave = graver[route]
    if (grave === undefined) wrong.push(`${route}: say here what makes it one of the gravest acts`)
    else wrong.push(...(await walk(route, permission, { ...grave, isGrave: true })))
  }
  expect(wrong).toEqual([])
})

/** What is not as the table says. */
async function walk(
  route: string,
  permission: Permission,
  sent: {
    readonly body?: object | undefined
    readonly query?: string
    readonly isGrave: boolean
  },
): Promise<string[]> {
  const wrong: string[] = []
  const [method = '', pattern = ''] = route.split(' ')
  for (const [name, as] of everybody) {
    const body = sent.body ?? (['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined)
    const by = as?.inBrowser === true ? { headers: await signedIn(as) } : { as }
    const asked = { ...by, ...(body !== undefined && { body }) }
    const answer = await api.ask(method as 'GET', (await pathOf(pattern)) + (sent.query ?? ''), asked)
    const { code = '' } = answer.body as { readonly code?: string }
    const found = refusals.includes(code) ? code : undefined
    const wanted = isForTheHub(pattern)
      ? refusalOfHub(permission, as)
      : refusalFor(permission, as, sent.isGrave)
    const told = `${route} ${JSON.stringify(body ?? sent.query ?? '')}: ${name}`
    // What only an operator or an admin may ask for on an owner's or an operator's route is not the table's to say.
    const isBodys = sent.isGrave && wanted === undefined && found !== 'fresh_sign_in_required'
    if (found !== wanted && !(isBodys && permission.fresh !== true)) {
      wrong.push(`${told} gets ${String(found)}, not ${String(wanted)}`)
    }
    // Whose it is was never asked where the request did not get that far.
    const unheard = permission.of !== undefined && wanted === undefined && code === 'invalid_request'
    const broken =
      answer.status >= 500 &&
      !['sign_in_off', 'engine_off', 'accounts_off', 'mail_off', 'passkeys_off'].includes(code)
    if (broken || unheard) wrong.push(`${told} gets ${answer.text}`)
  }
  return wrong
}

test('the table names no route that is not there', () => {
  expect(Object.keys(permissions).filter((route) => !api.app.everyRoute.has(route))).toEqual([])
})
