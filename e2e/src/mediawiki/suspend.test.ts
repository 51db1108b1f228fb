/** Suspending a MediaWiki wiki against its owner's will: told to it now or later, and lifted to exactly what it was. */
import { eventually } from '@wikistead/test/eventually'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostOf } from '@wikistead/mediawiki-template/test/test-site'
import { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { createLogger, PartWatch, serveWikis } from '@wikistead/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let host: WorkerProcess
let front: Awaited<ReturnType<typeof serveWikis>>
let ada: { readonly id: number; readonly token: string }
beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({ noHost: true, settings: { 'support-url': 'mailto:abuse@example.org' } }),
  )
  await startHost()
  ada = await world.stack.newMember('Ada')
  front = started.use(
    await serveWikis(world.stack.config, {
      ...{ store: world.stack.store, watch: new PartWatch(createLogger('silent')) },
      listen: { host: '127.0.0.1', port: 0 },
    }),
  )
})
afterAll(() => started.disposeAsync())

async function startHost(): Promise<void> {
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
}
const asAda = (method: string, path: string, body?: unknown) =>
  world.stack.call(method, path, body, { token: ada.token, headers: { prefer: 'respond-async' } })

async function made(slug: string, more: Readonly<Record<string, unknown>> = {}) {
  const wanted = { engine: 'mediawiki', slug, name: slug, language: 'en', ...more }
  const { body } = await asAda('POST', '/v1/wikis', wanted)
  const task = await world.ended(String(body['task_id']))
  expect(task, task.message).toMatchObject({ status: 'succeeded' })
  return { slug, id: task.wiki_id ?? 0, path: `/v1/wikis/${String(task.wiki_id)}` }
}
const reason = `Spam: "<b>$HOME</b>"; 維基`
const suspend = (path: string, why = reason) => world.ask('PUT', `${path}/suspension`, { reason: why })
const lift = (path: string) => world.ask('DELETE', `${path}/suspension`)
const iniOf = (slug: string) => readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
async function stateOf({ id, slug }: { readonly id: number; readonly slug: string }) {
  const row = { ...(await world.stack.store.wikis.get(id)), updated_at: 0, purge_after: 0 }
  return { row, ini: (await iniOf(slug)).split('\n').sort() }
}

test.each([
  ['plain', [], 'active'],
  ['hidden', [{ visibility: 'private' }], 'active'],
  ['reading', [{ serving: 'readonly' }], 'active'],
  ['put-away', [{ serving: 'archived' }], 'active'],
  ['deleted', ['DELETE'], 'archived'],
] as const)('a wiki that is %s is closed, and then exactly as it was', async (slug, changes, status) => {
  const wiki = await made(slug)
  for (const change of changes) {
    const answer =
      change === 'DELETE' ? await asAda('DELETE', wiki.path) : await asAda('PATCH', wiki.path, change)
    expect(await world.ended(String(answer.body['task_id']))).toMatchObject({ status: 'succeeded' })
  }
  const before = await stateOf(wiki)
  expect(before.row.status).toBe(status)

  const task = await world.ended(await suspend(wiki.path))
  expect(task, task.message).toMatchObject({ kind: 'suspend_wiki', status: 'succeeded' })
  expect(await iniOf(slug)).toContain('WIKI_SUSPENDED="')
  expect(await iniOf(slug)).toContain('WIKI_SUSPENDED_CONTACT="mailto:abuse@example.org"')
  const seen = await new Visitor(front.port).get(hostOf(slug), '/')
  expect([seen.status, seen.text.includes('<b>')]).toEqual([403, false])
  expect(await world.stack.call('PUT', `${wiki.path}/suspension`, { reason })).toMatchObject({ status: 200 })
  for (const [method, path, body] of [
    ['PATCH', wiki.path, { visibility: 'public' }],
    ['PATCH', wiki.path, { name: 'Other' }],
    ['DELETE', `${wiki.path}?now=1`],
    ['POST', `${wiki.path}/restore`],
    ['POST', `${wiki.path}/transfer`],
    ['POST', `/v1/tasks/${await latestTask(wiki.id, ada.id)}/retry`],
  ] as const) {
    const { status: refused, body: answer } = await asAda(method, path, body)
    expect([method, path, refused, answer['code']]).toEqual([method, path, 403, 'wiki_suspended'])
  }
  expect(await asAda('GET', wiki.path)).toMatchObject({ body: { suspension: { reason, in_effect: true } } })

  expect(await world.ended(await lift(wiki.path))).toMatchObject({ status: 'succeeded' })
  expect(await stateOf(wiki)).toEqual(before)
})

async function latestTask(wikiId: number, userId: number): Promise<string> {
  const [task] = await world.stack.store.tasks.list({ wikiId, userId, limit: 1 })
  return task?.task_id ?? ''
}

test('a host that is killed amid it, or away, does it when it is back; what was decided meanwhile is what counts', async () => {
  const wiki = await made('away')
  const before = await stateOf(wiki)
  await host.kill()
  const { body } = await world.stack.call('PUT', `${wiki.path}/suspension`, { reason }, async)
  // It is decided, though nobody could tell the wiki.
  expect(await asAda('GET', wiki.path)).toMatchObject({ body: { suspension: { reason, in_effect: false } } })
  expect((await new Visitor(front.port).get(hostOf('away'), '/')).status).toBe(403)
  expect((await asAda('PATCH', wiki.path, { name: 'Other' })).body).toMatchObject({ code: 'wiki_suspended' })
  expect(await world.stack.call('PUT', `${wiki.path}/suspension`, { reason: 'Worse.' }, async)).toMatchObject(
    {
      status: 200,
    },
  )
  await startHost()
  await world.ended(String(body['task_id']))
  await eventually(async () =>
    expect(await asAda('GET', wiki.path)).toMatchObject({
      body: { suspension: { reason: 'Worse.', in_effect: true } },
    }),
  )
  expect(await iniOf('away')).toContain('WIKI_SUSPENDED="Worse."')
  await world.ended(await lift(wiki.path))
  expect(await stateOf(wiki)).toEqual(before)
})

const async = { headers: { prefer: 'respond-async' } }

test('a wiki that is being made is closed as soon as it stands', async () => {
  const wanted = { engine: 'mediawiki', slug: 'early', name: 'Early', language: 'en' }
  const { body } = await asAda('POST', '/v1/wikis', wanted)
  const { wiki_id: id } = body
  const path = `/v1/wikis/${String(id)}`
  expect(await world.stack.call('PUT', `${path}/suspension`, { reason }, async)).toMatchObject({
    ...{ status: 200, body: { status: 'creating', suspension: { reason, in_effect: false } } },
  })
  expect(await world.ended(String(body['task_id']))).toMatchObject({ status: 'succeeded' })
  await eventually(async () =>
    expect(await asAda('GET', path)).toMatchObject({ body: { suspension: { in_effect: true } } }),
  )
  expect(await iniOf('early')).toContain('WIKI_SUSPENDED="')
})
