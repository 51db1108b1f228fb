/** The extension's REST on a real hub, with the real service behind it: every route, by everybody. */
import { eventually } from '@wikistead/test/eventually'
import { rm, writeFile } from 'node:fs/promises'
import type { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rest, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
let ada: Visitor
let stranger: Visitor
beforeAll(async () => {
  farm = started.use(await startHubWorld())
  ada = await farm.member('Ada')
  stranger = farm.visitor()
})
afterAll(() => started.disposeAsync())

const get = (as: Visitor, path: string) => rest(as, farm.hub, 'GET', path)
const post = async (as: Visitor, path: string, body: object, token?: string) =>
  rest(as, farm.hub, 'POST', path, {
    ...body,
    ...(token === undefined ? { token: await as.token(farm.hub, 'csrf') } : token !== '' && { token }),
  })
const notes = { name: 'Notes', slug: 'notes', language: 'en' }

test('a member asks for a wiki, follows its task and finds it among their own', async () => {
  const made = await post(ada, '/wikis', notes)
  expect(made, made.text).toMatchObject({ status: 202, json: { task_id: expect.any(String) as string } })
  const taskId = String(made.json['task_id'])
  expect(await farm.world.ended(taskId)).toMatchObject({ status: 'succeeded' })
  expect((await get(ada, `/tasks/${taskId}`)).json).toMatchObject({ id: taskId, status: 'succeeded' })
  const own = await get(ada, '/users/me/wikis')
  expect(own.json).toEqual({ wikis: [expect.objectContaining({ address: 'notes', status: 'active' })] })
  const stream = await get(ada, `/tasks/${taskId}/events`)
  expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  expect(stream.text).toMatch(/^retry: \d+\n\n: open\n\nid: 1\nevent: progress\n/)
  expect(stream.text).toMatch(/event: status\ndata: \{"type":"status","status":"succeeded".*\n\n$/)
})

test('its founder is the hub’s account, and signs in there at once with the password that they have', async () => {
  const child = farm.hostOf('notes')
  const groups = await farm.world.sql(
    'SELECT user_name, ug_group FROM notes.user_groups JOIN hub.user ON user_id = ug_user ORDER BY ug_group',
  )
  expect(groups.map((row) => `${String(row['user_name'])}: ${String(row['ug_group'])}`)).toEqual([
    'Ada: bureaucrat',
    'Ada: sysop',
  ])
  const founder = farm.visitor()
  expect(await founder.signIn(child, 'Ada', 'correct horse battery staple')).toMatchObject({
    clientlogin: { status: 'PASS' },
  })
  expect(await founder.edit(child, 'A page', 'by its founder')).toMatchObject({ edit: { result: 'Success' } })
})

test('who is not signed in sees what is featured, and nothing else', async () => {
  const [wiki] = (await farm.world.stack.store.wikis.list({ limit: 1, text: 'notes' })) ?? []
  await farm.world.stack.store.wikis.change(wiki?.wiki_id ?? 0, { featured: 1 })
  const featured = await get(stranger, '/wikis/featured?limit=1')
  expect(featured).toMatchObject({
    status: 200,
    json: { wikis: [{ name: 'Notes', host: null, task_id: null }] },
  })
  for (const path of ['/users/me/wikis', '/tasks/any', '/tasks/any/events']) {
    expect(await get(stranger, path)).toMatchObject({
      ...{ status: 401, json: { code: 'sign_in_needed', message: 'Log in first.' } },
    })
  }
  // MediaWiki asks for a token before anything else, and whoever has no session has none.
  for (const path of ['/wikis', '/tasks/any/retry', '/tasks/any/cancel']) {
    expect((await post(stranger, path, path === '/wikis' ? notes : {}, '+\\')).status).toBe(403)
  }
})

test('without the token of their session nobody changes anything', async () => {
  for (const token of ['', '+\\', 'a'.repeat(40) + '+\\']) {
    for (const path of ['/wikis', '/tasks/any/retry', '/tasks/any/cancel']) {
      const body = path === '/wikis' ? { ...notes, slug: 'unasked' } : {}
      const answer = await post(ada, path, body, token)
      expect(answer, answer.text).toMatchObject({ status: 403 })
      expect(String(answer.json['errorKey'])).toMatch(/^rest-badtoken/)
    }
  }
  expect(await farm.world.stack.store.wikis.byClaim('mediawiki', 'unasked')).toBeUndefined()
})

test('a member without the right is told so by the wiki, before the service is asked', async () => {
  const rosa = await farm.member('Rosa')
  await farm.world
    .sql('INSERT INTO hub.ipblocks_restrictions SELECT 0, 0, 0 WHERE FALSE')
    .catch(() => undefined)
  await withoutRight(rosa, async () => {
    const answer = await post(rosa, '/wikis', { ...notes, slug: 'rosa' })
    expect(answer, answer.text).toMatchObject({ status: 403, json: { code: 'forbidden' } })
    expect((await get(rosa, '/users/me/wikis')).json).toEqual({ wikis: [] })
  })
})

test('names that cannot be are refused in words, before the service is asked', async () => {
  const wrong: [object, string][] = [
    [{ name: 'a|b' }, 'invalid_name'],
    [{ name: '   ' }, 'invalid_name'],
    [{ name: 'x'.repeat(201) }, 'invalid_name'],
    [{ slug: 'No' }, 'invalid_slug'],
    [{ slug: 'xn--a' }, 'invalid_slug'],
    [{ slug: '-a-' }, 'invalid_slug'],
    [{ language: 'tlh-nowhere' }, 'unknown_language'],
    [{ visibility: 'secret' }, 'invalid_visibility'],
  ]
  for (const [more, code] of wrong) {
    const answer = await post(ada, '/wikis', { ...notes, slug: 'wrong', ...more })
    expect(answer, JSON.stringify(more)).toMatchObject({ status: 400, json: { code } })
    expect(String(answer.json['message'])).not.toMatch(/⧼|\(/)
  }
  expect((await post(ada, '/wikis', { name: 'x' })).status).toBe(400)
  expect(await post(ada, '/wikis', { ...notes, slug: 'mysql' })).toMatchObject({
    ...{ status: 409, json: { code: 'name_reserved' } },
  })
  expect(await post(ada, '/wikis', notes)).toMatchObject({ status: 409, json: { code: 'name_taken' } })
})

test('another’s task is not there, and one’s own is retried and cancelled through the proxy', async () => {
  const task = (await farm.world.stack.store.tasks.list({ limit: 50 })).find(({ input }) =>
    input.includes('"notes"'),
  )
  const taskId = task?.task_id ?? ''
  const eve = await farm.member('Eve')
  for (const path of [`/tasks/${taskId}`, `/tasks/${taskId}/events`]) {
    expect(await get(eve, path)).toMatchObject({ status: 404, json: { code: 'task_not_found' } })
  }
  for (const action of ['retry', 'cancel']) {
    expect(await post(eve, `/tasks/${taskId}/${action}`, {})).toMatchObject({ status: 404 })
  }
  expect(await post(ada, `/tasks/${taskId}/cancel`, {})).toMatchObject({
    ...{ status: 409, json: { code: 'not_cancellable' } },
  })
  expect((await post(ada, `/tasks/${taskId}/explode`, {})).status).toBe(400)
  expect((await get(ada, '/tasks/..%2F..%2Fhealth')).status).toBe(404)
})

test('a repeated creation is one wiki', async () => {
  const token = await ada.token(farm.hub, 'csrf')
  const ask = () =>
    rest(ada, farm.hub, 'POST', '/wikis', { ...notes, slug: 'twice', token }, { 'idempotency-key': 'k-1' })
  const first = await ask()
  expect(first).toMatchObject({ status: 202 })
  expect((await ask()).json['task_id']).toBe(first.json['task_id'])
  await farm.world.ended(String(first.json['task_id']))
})

/** As an operator would have it, by FarmSettings.php; PHP looks for changes of its files every other second. */
async function withoutRight(as: Visitor, act: () => Promise<void>): Promise<void> {
  const file = `${farm.world.wikisFolder}/hub/FarmSettings.php`
  const has = async () =>
    JSON.stringify(await as.api(farm.hub, { action: 'query', meta: 'userinfo', uiprop: 'rights' })).includes(
      '"create-wiki"',
    )
  await writeFile(file, "<?php\n$wgGroupPermissions['user']['create-wiki'] = false;\n")
  await eventually(async () => expect(await has()).toBe(false))
  try {
    await act()
  } finally {
    await rm(file)
    await eventually(async () => expect(await has()).toBe(true))
  }
}
