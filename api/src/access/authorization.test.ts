/** Who may do what, status by status; that no route is forgotten is for `permission-walk.test.ts`. */
import type { WikiRow } from '@wikistead/store'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let api: ApiUnderTest
let askers: Record<'anonymous' | 'other' | 'owner' | 'operator' | 'admin', Asker | undefined>
beforeAll(async () => {
  api = await startApiUnderTest()
  askers = {
    anonymous: undefined,
    other: await api.user('other'),
    owner: await api.user('owner'),
    operator: await api.user('operator', 'operator'),
    admin: await api.user('admin', 'admin'),
  }
})
afterAll(() => api[Symbol.asyncDispose]())

let count = 0
/** A wiki of the owner's, fresh for each question. */
async function wiki(more: Parameters<ApiUnderTest['wiki']>[2] = {}): Promise<WikiRow> {
  return api.wiki(askers.owner as Asker, `w${String(count++)}.wiki.test`, more)
}
/** A task of the owner's that failed. */
async function task(): Promise<string> {
  const taskId = `task-${String(count++)}`
  await api.store.transaction(async ({ tasks }) => {
    await tasks.insert({
      ...{ taskId, kind: 'delete_wiki', engine: 'fedwiki', wikiId: null, userId: askers.owner?.id ?? 0 },
      ...{ workflowType: 'DeleteFedWikiSiteWorkflow', input: {}, message: 'x' },
    })
    await tasks.append({ taskId, run: 1, event: { type: 'status', status: 'failed', code: 'fault' } })
  })
  return taskId
}
async function alarm(): Promise<number> {
  const subject = String(count++)
  await api.store.alarms.raise({ code: 'a_test', subject, message: 'x', mend: 'y' })
  return (await api.store.alarms.find('a_test', subject))?.alarm_id ?? 0
}

const of = async (row: Promise<WikiRow>, rest = '') => `/v1/wikis/${String((await row).wiki_id)}${rest}`
const taken = () => of(wiki({ taskId: 'at-work' }))

type Row = [
  method: Parameters<ApiUnderTest['ask']>[0],
  route: string,
  path: () => Promise<string>,
  statuses: number[],
  body?: object,
]

/**
 * Statuses for: anonymous, another member, the owner, an operator, an admin. What is allowed and would need Temporal is
 * asked so that it ends before: the wiki is another task's (409), the task cannot be cancelled.
 */
const routes: Row[] = [
  ['GET', '/healthz', async () => '/healthz', [200, 200, 200, 200, 200]],
  ['GET', '/metrics', async () => '/metrics', [401, 403, 403, 200, 200]],
  ['GET', '/v1/address', async () => '/v1/address', [200, 200, 200, 200, 200]],
  ['GET', '/readyz', async () => '/readyz', [200, 200, 200, 200, 200]],
  ['GET', '/openapi.json', async () => '/openapi.json', [200, 200, 200, 200, 200]],
  ['GET', '/v1/farm', async () => '/v1/farm', [200, 200, 200, 200, 200]],
  // Nobody's, in process: a connection is looked at, and never who asks.
  ['GET', '/v1/proof', async () => '/v1/proof?nonce=abcdefghijklmnopqrst', [403, 403, 403, 403, 403]],
  ['GET', '/v1/session', async () => '/v1/session', [200, 200, 200, 200, 200]],
  ['GET', '/auth/local', async () => '/auth/local', [410, 410, 410, 410, 410]],
  // Nobody signs in here: these say so.
  ['GET', '/auth/sign-in', async () => '/auth/sign-in', [503, 503, 503, 503, 503]],
  ['GET', '/auth/link', async () => '/auth/link', [401, 403, 403, 403, 403]],
  ['GET', '/auth/link/hub', async () => '/auth/link/hub', [401, 403, 403, 403, 403]],
  ['GET', '/auth/hub', async () => '/auth/hub', [503, 503, 503, 503, 503]],
  ['GET', '/auth/hub/callback', async () => '/auth/hub/callback', [503, 503, 503, 503, 503]],
  [
    'GET',
    '/v1/users/me/identity-needs',
    async () => '/v1/users/me/identity-needs',
    [401, 200, 200, 200, 200],
  ],
  // Of a site that everybody reads there is nobody to tell.
  ['GET', '/v1/wikis/{id}/readers', () => of(wiki(), '/readers'), [401, 403, 409, 403, 403]],
  ['GET', '/v1/wikis/{id}/accounts', () => of(wiki(), '/accounts?q=a'), [401, 403, 409, 403, 403]],
  ['POST', '/v1/wikis/{id}/readers', () => of(wiki(), '/readers'), [401, 403, 409, 403, 403], { name: 'a' }],
  ['DELETE', '/v1/wikis/{id}/readers/{account}', () => of(wiki(), '/readers/7'), [401, 403, 409, 403, 403]],
  [
    'POST',
    '/v1/wikis/{id}/read-invitations',
    () => of(wiki(), '/read-invitations'),
    [401, 403, 409, 403, 403],
  ],
  [
    'DELETE',
    '/v1/wikis/{id}/read-invitations/{invitation}',
    () => of(wiki(), '/read-invitations/none'),
    [401, 403, 204, 403, 403],
  ],
  [
    'GET',
    '/v1/read-invitations/{secret}',
    async () => '/v1/read-invitations/none',
    [401, 404, 404, 404, 404],
  ],
  [
    'POST',
    '/v1/read-invitations/{secret}/accept',
    async () => '/v1/read-invitations/none/accept',
    [401, 404, 404, 404, 404],
  ],
  ['GET', '/v1/hub-links/{secret}', async () => '/v1/hub-links/none', [401, 403, 403, 403, 403]],
  [
    'POST',
    '/v1/hub-links/{secret}/accept',
    async () => '/v1/hub-links/none/accept',
    [401, 403, 403, 403, 403],
  ],
  ['GET', '/auth/callback', async () => '/auth/callback', [503, 503, 503, 503, 503]],
  ['POST', '/auth/local', async () => '/auth/local', [401, 403, 403, 403, 201]],
  // Of a browser's session: no token may.
  ['POST', '/auth/sign-out', async () => '/auth/sign-out', [401, 403, 403, 403, 403]],
  ['GET', '/v1/sessions', async () => '/v1/sessions', [401, 403, 403, 403, 403]],
  ['DELETE', '/v1/sessions/{id}', async () => '/v1/sessions/none', [401, 403, 403, 403, 403]],
  ['DELETE', '/v1/users/{id}/sessions', async () => '/v1/users/999999/sessions', [401, 403, 403, 403, 404]],
  ['GET', '/v1/wikis', async () => '/v1/wikis', [200, 200, 200, 200, 200]],
  [
    'POST',
    '/v1/wikis',
    async () => '/v1/wikis',
    [401, 503, 503, 503, 503],
    { engine: 'mediawiki', name: 'n', slug: 'nnn', language: 'en' },
  ],
  ['GET', '/v1/wikis/{id}', () => of(wiki()), [200, 200, 200, 200, 200]],
  ['GET', '/v1/wikis/{id}', () => of(wiki({ visibility: 'private' })), [404, 404, 200, 200, 200]],
  ...(['creating', 'deleting', 'archived', 'purging', 'restoring', 'failed'] as const).map((status): Row => [
    'GET',
    '/v1/wikis/{id}',
    () => of(wiki({ status })),
    [404, 404, 200, 200, 200],
  ]),
  ['PATCH', '/v1/wikis/{id}', () => of(wiki()), [401, 403, 200, 200, 200], { name: 'Renamed' }],
  [
    'PATCH',
    '/v1/wikis/{id}',
    () => of(wiki({ visibility: 'private' })),
    [401, 404, 200, 200, 200],
    { name: 'Renamed' },
  ],
  ['PATCH', '/v1/wikis/{id}', () => of(wiki()), [401, 403, 403, 200, 200], { featured: true }],
  ['PATCH', '/v1/wikis/{id}', taken, [401, 403, 403, 409, 409], { owner_id: 1 }],
  ['PATCH', '/v1/wikis/{id}', taken, [401, 403, 409, 409, 409], { serving: 'readonly' }],
  ['DELETE', '/v1/wikis/{id}', taken, [401, 403, 409, 409, 409]],
  [
    'DELETE',
    '/v1/wikis/{id}',
    () => of(wiki({ status: 'archived', taskId: 'x' }), '?now=1'),
    [401, 404, 409, 409, 409],
  ],
  [
    'POST',
    '/v1/wikis/{id}/restore',
    () => of(wiki({ status: 'archived', taskId: 'x' }), '/restore'),
    [401, 404, 409, 409, 409],
  ],
  ['POST', '/v1/wikis/{id}/first-sign-in', () => of(wiki(), '/first-sign-in'), [401, 403, 404, 403, 403]],
  ['GET', '/v1/instances', async () => '/v1/instances', [401, 403, 403, 200, 200]],
  ['GET', '/v1/hosts', async () => '/v1/hosts', [401, 403, 403, 200, 200]],
  ['PATCH', '/v1/hosts/{host}', async () => '/v1/hosts/none', [401, 403, 403, 404, 404], { draining: true }],
  ['DELETE', '/v1/hosts/{host}', async () => '/v1/hosts/none', [401, 403, 403, 404, 404]],
  ['GET', '/v1/names/{engine}/{name}', async () => '/v1/names/fedwiki/free', [401, 200, 200, 200, 200]],
  ['GET', '/v1/users/me', async () => '/v1/users/me', [401, 200, 200, 200, 200]],
  ['GET', '/v1/users/me/wikis', async () => '/v1/users/me/wikis', [401, 200, 200, 200, 200]],
  [
    'GET',
    '/v1/users/{id}/wikis',
    async () => `/v1/users/${String(askers.owner?.id)}/wikis`,
    [401, 403, 200, 200, 200],
  ],
  ['GET', '/v1/users', async () => '/v1/users', [401, 403, 403, 200, 200]],
  ['POST', '/v1/users', async () => '/v1/users', [401, 403, 403, 403, 201], { name: 'n', subject: 's' }],
  ['GET', '/v1/tasks', async () => '/v1/tasks', [401, 200, 200, 200, 200]],
  ['GET', '/v1/tasks/{id}', async () => `/v1/tasks/${await task()}`, [401, 404, 200, 200, 200]],
  ['GET', '/v1/tasks/{id}/events', async () => `/v1/tasks/${await task()}/events`, [401, 404, 200, 200, 200]],
  ['POST', '/v1/tasks/{id}/retry', async () => `/v1/tasks/${await task()}/retry`, [401, 404, 202, 202, 202]],
  [
    'POST',
    '/v1/tasks/{id}/cancel',
    async () => `/v1/tasks/${await task()}/cancel`,
    [401, 404, 409, 409, 409],
  ],
  ['GET', '/v1/fedwiki/sync', async () => '/v1/fedwiki/sync', [401, 403, 403, 200, 200]],
  [
    'PUT',
    '/v1/fedwiki/sync',
    async () => '/v1/fedwiki/sync',
    [401, 403, 403, 404, 404],
    { default_user_id: 4711 },
  ],
  ['DELETE', '/v1/fedwiki/sync', async () => '/v1/fedwiki/sync', [401, 403, 403, 200, 200]],
  [
    'POST',
    '/v1/fedwiki/sync/pause',
    async () => '/v1/fedwiki/sync/pause',
    [401, 403, 403, 404, 404],
    { note: 'n' },
  ],
  [
    'POST',
    '/v1/fedwiki/sync/resume',
    async () => '/v1/fedwiki/sync/resume',
    [401, 403, 403, 404, 404],
    { note: 'n' },
  ],
  [
    'POST',
    '/v1/fedwiki/sync/trigger',
    async () => '/v1/fedwiki/sync/trigger',
    [401, 403, 403, 409, 409],
    { confirm: true },
  ],
  ['GET', '/v1/alarms', async () => '/v1/alarms', [401, 403, 403, 200, 200]],
  [
    'POST',
    '/v1/alarms/{id}/clear',
    async () => `/v1/alarms/${String(await alarm())}/clear`,
    [401, 403, 403, 200, 200],
  ],
]

test.each(routes)('%s %s', async (method, _route, path, statuses, body) => {
  const found = []
  for (const as of Object.values(askers)) {
    const { status } = await api.ask(method, await path(), { as, ...(body && { body }) })
    found.push(status)
  }
  expect(found).toEqual(statuses)
})

describe('lists show to each what they may see', () => {
  test('of others’ wikis, those that are public and stand; of one’s own, all that have a name', async () => {
    const rows = {
      standing: await wiki(),
      changing: await wiki({ status: 'changing' }),
      creating: await wiki({ status: 'creating' }),
      archived: await wiki({ status: 'archived' }),
      secret: await wiki({ visibility: 'private' }),
    }
    const seenBy = async (as: Asker | undefined, query = '') => {
      const { body } = await api.ask('GET', `/v1/wikis?limit=200${query}`, { as })
      const ids = (body['wikis'] as { id: number }[]).map(({ id }) => id)
      return Object.entries(rows).flatMap(([name, row]) => (ids.includes(row.wiki_id) ? [name] : []))
    }
    const all = Object.keys(rows)
    expect(await seenBy(askers.other)).toEqual(['standing', 'changing'])
    expect(await seenBy(undefined)).toEqual(['standing', 'changing'])
    expect(await seenBy(undefined, `&q=${rows.secret.address}`)).toEqual([])
    expect(await seenBy(askers.owner)).toEqual(all)
    expect(await seenBy(askers.operator)).toEqual(all)
    expect(await seenBy(askers.other, '&status=archived')).toEqual([])
    expect(await seenBy(askers.owner, '&status=archived')).toEqual(['archived'])
    expect(await seenBy(askers.other, `&owner=${String(askers.owner?.id)}&visibility=private`)).toEqual([])
    expect(await seenBy(askers.other, `&q=${rows.secret.address}`)).toEqual([])
  })

  test('what is gone is its owner’s to see', async () => {
    const gone = await wiki()
    await api.store.wikis.release(gone.wiki_id, 'deleted')
    const listed = async (as: Asker | undefined) => {
      const { body } = await api.ask('GET', '/v1/wikis?status=deleted&limit=200', { as })
      return (body['wikis'] as { id: number }[]).some(({ id }) => id === gone.wiki_id)
    }
    expect([await listed(askers.other), await listed(askers.owner), await listed(askers.admin)]).toEqual([
      ...[false, true, true],
    ])
    const path = `/v1/wikis/${String(gone.wiki_id)}`
    expect((await api.ask('GET', path, { as: askers.other })).status).toBe(404)
    expect((await api.ask('GET', path, { as: askers.owner })).status).toBe(200)
    const renamed = await api.ask('PATCH', path, { as: askers.owner, body: { name: 'Again' } })
    expect([renamed.status, renamed.body['code']]).toEqual([404, 'wiki_not_found'])
  })

  test('tasks are one’s own, and for operators all', async () => {
    const taskId = await task()
    const listed = async (as: Asker | undefined) => {
      const { body } = await api.ask('GET', '/v1/tasks?limit=200', { as })
      return (body['tasks'] as { id: string }[]).some(({ id }) => id === taskId)
    }
    expect([await listed(askers.other), await listed(askers.owner), await listed(askers.operator)]).toEqual([
      ...[false, true, true],
    ])
  })

  test('nobody is told of an identity or a token that is not theirs', async () => {
    const { text } = await api.ask('GET', '/v1/wikis?limit=200', { as: askers.other })
    expect(text).not.toContain('sub-of-')
    const { text: users } = await api.ask('GET', '/v1/users', { as: askers.admin })
    for (const asker of Object.values(askers)) expect(users).not.toContain(asker?.token ?? 'no token')
  })
})

test('an operator sees and undoes what members did, and is no admin', async () => {
  const body = { name: 'New admin', subject: 'x', role: 'admin' }
  expect((await api.ask('POST', '/v1/users', { as: askers.operator, body })).status).toBe(403)
  const made = await api.ask('POST', '/v1/users', { as: askers.admin, body })
  expect(made).toMatchObject({ status: 201, body: { user: { role: 'admin' } } })
})
