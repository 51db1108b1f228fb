/** While Temporal is not there, or does not let us in, every route that needs it says so, and none calls it a fault. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

const started = new AsyncDisposableStack()
afterAll(() => started.disposeAsync())

/** Takes connections and says nothing; `closed`, and it does not even take them. */
async function silentListener({ closed = false } = {}): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  if (closed) server.close()
  started.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${String(port)}`
}

describe.each([
  ['nobody listens there', () => silentListener({ closed: true }), 'default', /does not answer/],
  ['it is silent', () => silentListener(), 'default', /does not answer/],
  [
    'it knows no such namespace',
    () => Promise.resolve(inject('temporalAddress')),
    'nowhere',
    /does not take what we ask/,
  ],
] as const)('when %s', (_, address, namespace, says) => {
  let api: ApiUnderTest
  let admin: Asker
  const unavailable = () => ({
    status: 503,
    body: {
      ...{ code: 'temporal_unavailable', status: 503 },
      detail: expect.stringMatching(says) as string,
    },
    headers: expect.objectContaining({ 'retry-after': '5' }) as object,
  })

  beforeAll(async () => {
    const temporal = { temporalAddress: await address(), temporalNamespace: namespace }
    api = started.use(await startApiUnderTest(temporal))
    admin = await api.user('admin', 'admin')
  })

  test('each route of the sync says whose fault it is, and notes nothing', async () => {
    const asked = [
      ['GET', '/v1/fedwiki/sync', undefined],
      ['PUT', '/v1/fedwiki/sync', { interval: '1h', default_user_id: 1 }],
      ['DELETE', '/v1/fedwiki/sync', undefined],
      ['POST', '/v1/fedwiki/sync/pause', { note: 'hands off' }],
      ['POST', '/v1/fedwiki/sync/resume', { note: 'go on' }],
      ['POST', '/v1/fedwiki/sync/trigger', {}],
    ] as const
    const answers = asked.map(([method, path, body]) => api.ask(method, path, { as: admin, body }))
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject(unavailable())
    expect(await api.store.settings.get('fedwiki_sync_operator')).toBeUndefined()
  })

  test('a confirmation is not spent on a sync that cannot be started', async () => {
    await api.store.alarms.raise({
      ...{ code: 'sync_untrusted', subject: 'fedwiki', message: '', mend: '', detail: { missing: 9 } },
    })
    const asked = { as: admin, body: { confirm: true } }
    expect(await api.ask('POST', '/v1/fedwiki/sync/trigger', asked)).toMatchObject(unavailable())
    expect(await api.store.alarms.find('sync_untrusted', 'fedwiki')).toMatchObject({ confirmed: null })
  })

  test('a back-off cannot be cut short, and an end is a wish that stands', async () => {
    const { wiki_id: wikiId } = await api.wiki(admin, `ada-${namespace}.wiki.test`)
    await api.store.transaction((scope) =>
      scope.tasks.insert({
        ...{ taskId: 'a-task', kind: 'change_wiki', engine: 'fedwiki', wikiId, userId: admin.id },
        ...{ workflowType: 'ChangeFedWikiSiteWorkflow', input: { userId: admin.id }, message: '' },
      }),
    )
    expect(await api.ask('POST', '/v1/tasks/a-task/retry', { as: admin })).toMatchObject(unavailable())
    expect(await api.ask('POST', '/v1/tasks/a-task/cancel', { as: admin })).toMatchObject({ status: 202 })
  })

  test('a first sign-in is refused for it', async () => {
    const { wiki_id: id } = await api.wiki(admin, `notes-${namespace}`, { engine: 'mediawiki', host: 'one' })
    const answer = await api.ask('POST', `/v1/wikis/${String(id)}/first-sign-in`, { as: admin })
    expect(answer).toMatchObject(unavailable())
  })
})
