/** Somebody takes the name on the hub that another had there, and gets nothing of what is made for that one. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
beforeAll(async () => {
  farm = started.use(await startHubWorld())
})
afterAll(() => started.disposeAsync())

const bureaucratsOf = async (database: string) =>
  (
    await farm.world.sql(
      `SELECT user_name FROM ${database}.user_groups JOIN hub.user ON user_id = ug_user WHERE ug_group = 'bureaucrat'`,
    )
  ).map((row) => String(row['user_name']))

test('the old name of a founder, and of a new owner, is nobody’s claim', async () => {
  const { world } = farm
  const { store } = world.stack
  for (const name of ['Ada', 'Mallory']) await farm.member(name)
  const [row] = await world.sql("SELECT user_id FROM hub.user WHERE user_name = 'Ada'")
  const ada = await world.stack.newMember('Ada')
  const account = { issuer: `http://${farm.hub}`, subject: String(row?.['user_id']), name: 'Ada' }
  await store.users.takeIdentity(ada.id, account)
  // Wikistead hears of a new name when its bearer comes by the hub the next time, and not before.
  await world.sql("UPDATE hub.user SET user_name = 'Ada Lovelace' WHERE user_name = 'Ada'")
  await world.sql("UPDATE hub.user SET user_name = 'Ada' WHERE user_name = 'Mallory'")

  const wanted = { engine: 'mediawiki', name: 'Notes', slug: 'notes', language: 'en' }
  const { status, body } = await world.stack.call('POST', '/v1/wikis', wanted, { token: ada.token })
  expect(status).toBe(202)
  expect(await world.ended(String(body['task_id']))).toMatchObject({ status: 'succeeded' })
  expect(await bureaucratsOf('notes')).toEqual(['Ada Lovelace'])

  const { wiki_id: id } = await world.ended(await world.create('given', { owner_name: 'Grace' }))
  const change = await world.ask('PATCH', `/v1/wikis/${String(id)}`, { owner_id: ada.id })
  expect(await world.ended(change)).toMatchObject({ status: 'succeeded' })
  expect(await bureaucratsOf('given')).toEqual(['Ada Lovelace'])
})
