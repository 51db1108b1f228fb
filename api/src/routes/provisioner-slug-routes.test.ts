/** What the founders' paths name by a slug, as their programs ask it. */
import { startApiUnderTest, type ApiAnswer, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { hubWord, type HubAccount } from '@wikistead/test/hub-word'
import { afterAll, beforeAll, expect, test } from 'vitest'

const hub = {
  url: 'https://hub.wikis.test',
  service: 'http://service.test',
  secret: 'a secret for the tests of slugs 0123456789',
}

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApiUnderTest({
    deps: {
      service: {
        keys: () => [new TextEncoder().encode(hub.secret)],
        ...{ issuer: hub.url, audience: () => hub.service },
      },
      mediawiki: {
        requireSlug: (slug) => slug,
        requireName: () => undefined,
        ...{ undoWindowMs: 60_000, rootHost: 'wikis.test', hubUrl: hub.url, languages: [] },
        ...{
          wikiLimit: 9,
          search: 'core',
          patienceMs: 60_000,
          wikiUrl: (slug) => `https://${slug}.wikis.test`,
        },
      },
    },
  })
  await api.store.hosts.beat('here', null)
  // Asked once, the hub's account is a user here.
  await ask(ada, 'GET', '/users/7/wikis')
})
afterAll(() => api[Symbol.asyncDispose]())

const ada: HubAccount = { id: 7, name: 'Ada', rights: ['create-wiki'] }
const grace: HubAccount = { id: 8, name: 'Grace', rights: ['create-wiki'] }
const reader: HubAccount = { id: 9, name: 'Reader', rights: [] }
const steward: HubAccount = { id: 10, name: 'Steward', rights: ['create-wiki', 'wikifarm-admin'] }

function ask(as: HubAccount, method: 'GET' | 'DELETE', path: string, headers: object = {}) {
  const target = `/provisioner/v1${path}`
  const authorization = hubWord(hub, as, { method, target, body: '' })
  return api.ask(method, target, { headers: { authorization, ...headers } })
}

const refused = (answer: ApiAnswer) => [answer.status, answer.body['code']]

async function adasWiki(slug: string, more: object = {}) {
  const user = await api.store.users.byIdentity(hub.url, '7')
  return api.wiki({ id: user?.user_id ?? 0, token: '' }, slug, { engine: 'mediawiki', name: slug, ...more })
}

test('GET /wikis/public lists what everybody may read, also for whoever sees more elsewhere', async () => {
  await adasWiki('seen')
  await adasWiki('hidden', { visibility: 'private' })
  const stranger = await api.ask('GET', '/provisioner/v1/wikis/public')
  expect(stranger.body).toEqual({ wikis: [expect.objectContaining({ address: 'seen', host: null })] })
  for (const who of [grace, ada, steward]) {
    const { body } = await ask(who, 'GET', '/wikis/public')
    expect(body).toEqual({ wikis: [expect.objectContaining({ address: 'seen' })] })
  }
  const paged = await api.ask('GET', '/provisioner/v1/wikis/public?limit=1&offset=1')
  expect(paged.body).toEqual({ wikis: [] })
  const bad = await api.ask('GET', '/provisioner/v1/wikis/public?offset=-1')
  expect(refused(bad)).toEqual([400, 'invalid_request'])
})

test('GET /wikis/slug/{slug}/exists says whether it is taken, and not by whom', async () => {
  await adasWiki('taken', { visibility: 'private' })
  expect((await ask(grace, 'GET', '/wikis/slug/taken/exists')).body).toEqual({ slug: 'taken', exists: true })
  expect((await ask(grace, 'GET', '/wikis/slug/free/exists')).body).toEqual({ slug: 'free', exists: false })
  const anonymous = await api.ask('GET', '/provisioner/v1/wikis/slug/taken/exists')
  expect(refused(anonymous)).toEqual([401, 'unauthenticated'])
})

test('DELETE /wikis/{slug} is a task like any deletion, once, and 200 where there is nothing', async () => {
  const wiki = await adasWiki('over')
  const deleted = await ask(ada, 'DELETE', '/wikis/over', { 'idempotency-key': 'once' })
  expect(deleted).toMatchObject({ status: 202, body: { wiki_id: wiki.wiki_id } })
  const again = await ask(ada, 'DELETE', '/wikis/over', { 'idempotency-key': 'once' })
  expect(again.body).toEqual(deleted.body)
  const task = await api.store.tasks.get(String(deleted.body['task_id']))
  expect(task).toMatchObject({ kind: 'delete_wiki', wiki_id: wiki.wiki_id })

  for (const who of [ada, steward]) {
    expect(await ask(who, 'DELETE', '/wikis/never-was')).toMatchObject({
      ...{ status: 200, body: { slug: 'never-was', exists: false } },
    })
  }
})

test('DELETE /wikis/{slug} of what is deleted already changes nothing', async () => {
  const wiki = await adasWiki('archived')
  await api.store.wikis.change(wiki.wiki_id, { status: 'archived' })
  const answer = await ask(ada, 'DELETE', '/wikis/archived')
  expect(answer).toMatchObject({ status: 200, body: { id: wiki.wiki_id, status: 'archived' } })
})

test('DELETE /wikis/{slug} is the owner’s and the operators’', async () => {
  await adasWiki('public-one')
  await adasWiki('private-one', { visibility: 'private' })
  expect(refused(await ask(grace, 'DELETE', '/wikis/public-one'))).toEqual([403, 'forbidden'])
  // What somebody may not see is not there for them, and it is not said to be deleted either.
  expect(refused(await ask(grace, 'DELETE', '/wikis/private-one'))).toEqual([404, 'wiki_not_found'])
  expect(refused(await ask(reader, 'DELETE', '/wikis/public-one'))).toEqual([403, 'scope_missing'])
  const anonymous = await api.ask('DELETE', '/provisioner/v1/wikis/public-one')
  expect(refused(anonymous)).toEqual([401, 'unauthenticated'])
  expect(await ask(steward, 'DELETE', '/wikis/private-one')).toMatchObject({ status: 202 })
})

test('a token for one slug deletes no other', async () => {
  await adasWiki('first-one')
  const target = '/provisioner/v1/wikis/never-was'
  const authorization = hubWord(hub, ada, { method: 'DELETE', target, body: '' })
  const other = await api.ask('DELETE', '/provisioner/v1/wikis/first-one', { headers: { authorization } })
  expect(refused(other)).toEqual([401, 'service_token_invalid'])
})
