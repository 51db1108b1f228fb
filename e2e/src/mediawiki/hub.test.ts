/** The hub, made like any wiki, and children that know its accounts. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
beforeAll(async () => {
  world = started.use(await startMediaWikiWorld({ settings: { 'wiki-shared-db-name': 'hub' } }))
})
afterAll(() => started.disposeAsync())

const groupsOf = async (database: string) =>
  (
    await world.sql(
      `SELECT user_name, ug_group FROM ${database}.user_groups JOIN hub.user ON user_id = ug_user ORDER BY ug_group`,
    )
  ).map((row) => `${String(row['user_name'])}: ${String(row['ug_group'])}`)

test('without the hub’s accounts a child is refused, and nothing of it is left', async () => {
  const before = await world.residue()
  const taskId = await world.create('early', { owner_name: 'Grace' })
  expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'shared_tables_missing' })
  expect(await world.residue()).toEqual(before)
})

test('the hub is an operator’s to make, under the name of its database', async () => {
  const wanted = { engine: 'mediawiki', name: 'Our Hub', slug: 'hub', language: 'en' }
  const { token } = await world.stack.newMember('Ada')
  expect(await world.stack.call('POST', '/v1/wikis', { ...wanted, hub: true }, { token })).toMatchObject({
    status: 403,
  })
  expect(await world.stack.call('POST', '/v1/wikis', wanted)).toMatchObject({
    ...{ status: 409, body: { code: 'name_reserved' } },
  })
  expect(await world.stack.call('POST', '/v1/wikis', { ...wanted, slug: 'other', hub: true })).toMatchObject({
    ...{ status: 400, body: { code: 'invalid_slug' } },
  })
  expect(await world.ended(await world.create('hub', { hub: true, owner_name: 'Grace' }))).toMatchObject({
    status: 'succeeded',
  })
  expect(await groupsOf('hub')).toEqual(['Grace: bureaucrat', 'Grace: sysop'])
})

test('without the hub’s word nobody is taken for the account that has their name there', async () => {
  const wanted = { engine: 'mediawiki', name: 'Notes', slug: 'notes', language: 'en' }
  const { token } = await world.stack.newMember('Grace')
  for (const body of [wanted, { ...wanted, owner_name: 'Grace' }]) {
    expect(await world.stack.call('POST', '/v1/wikis', body, { token })).toMatchObject({
      ...{ status: 409, body: { code: 'identity_needed' } },
    })
  }
})

test('a child’s founder is the hub’s account of that name; one that the hub lacks is told so', async () => {
  const { wiki_id: wikiId, ...task } = await world.ended(await world.create('child', { owner_name: 'Grace' }))
  expect(task).toMatchObject({ status: 'succeeded' })
  expect(await groupsOf('child')).toEqual(['Grace: bureaucrat', 'Grace: sysop'])
  const grants = await world.sql("SELECT Table_name AS name FROM mysql.tables_priv WHERE User = 'child'")
  expect(grants.map((row) => String(row['name'])).sort()).toEqual(['actor', 'user', 'user_properties'])
  // Its accounts have their passwords already.
  expect(await world.stack.call('POST', `/v1/wikis/${String(wikiId)}/first-sign-in`)).toMatchObject({
    status: 404,
  })

  const before = await world.residue()
  const stranger = await world.ended(await world.create('stranger', { owner_name: 'Nobody There' }))
  expect(stranger).toMatchObject({ status: 'failed', code: 'identity_needed' })
  expect(stranger.message).toContain('Nobody There')
  expect(await world.residue()).toEqual(before)
})

test('a right that cannot be granted after others were takes them all back', async () => {
  const before = await world.residue()
  await world.sql('RENAME TABLE hub.user_properties TO hub.away')
  const taskId = await world.create('third', { owner_name: 'Grace' })
  const task = await world.ended(taskId)
  await world.sql('RENAME TABLE hub.away TO hub.user_properties')
  expect(task).toMatchObject({ status: 'failed', code: 'shared_tables_missing' })
  expect(task.message).toContain('user_properties')
  expect(await world.residue()).toEqual(before)
  await world.retry(taskId)
  await expect.poll(async () => (await world.stack.store.tasks.get(taskId)).run).toBe(2)
  expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
})

test('a private child takes its founder in as a member, and is listed to nobody else', async () => {
  const taskId = await world.create('secret', { owner_name: 'Grace', visibility: 'private' })
  const { wiki_id: wikiId } = await world.ended(taskId)
  expect(await groupsOf('secret')).toEqual(['Grace: bureaucrat', 'Grace: member', 'Grace: sysop'])
  const { token } = await world.stack.newMember('Linus')
  const asStranger = (path: string) => world.stack.call('GET', path, undefined, { token })
  expect(await asStranger(`/v1/wikis/${String(wikiId)}`)).toMatchObject({ status: 404 })
  expect((await asStranger('/v1/wikis?q=secret')).body['wikis']).toEqual([])
  expect(await asStranger(`/v1/tasks/${taskId}`)).toMatchObject({ status: 404 })
  expect((await asStranger('/v1/names/mediawiki/secret')).body).toEqual({
    ...{ engine: 'mediawiki', name: 'secret', address: 'secret', state: 'taken' },
  })
})
