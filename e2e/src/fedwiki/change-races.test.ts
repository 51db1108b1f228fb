/** A change that is done at once, while somebody else holds the wiki: it is let in by what is true when it is its turn. */
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { holdRow } from '../../test/held-row.ts'

test('who owned a wiki when they asked, and not when it was their turn, does not rename it', async () => {
  await using fresh = await freshStore('mariadb')
  const { store, config } = fresh
  await using api = await startApiUnderTest({ deps: { store } })
  const user = async (name: string) => {
    const { user_id: id } = await store.users.ensure({ name, role: 'member', issuer: 'test', subject: name })
    return { id, token: await store.tokens.issue(id, { label: 'test' }) }
  }
  const [ada, bea] = [await user('Ada'), await user('Bea')]
  const { wiki_id: id } = await store.wikis.insert({
    ...{ engine: 'fedwiki', address: 'ada.wiki.test', name: 'Ada’s', status: 'active', visibility: 'public' },
    ...{ customDomain: false, ownerId: ada.id, ownerSubject: 'Ada', ownerName: 'Ada', taskId: null },
  })
  const path = `/v1/wikis/${String(id)}`
  const row = await holdRow(config, 'select * from wikifarm_wikis where wiki_id = ?', String(id))
  const renamed = api.ask('PATCH', path, { as: ada, body: { name: 'Still Ada’s' } })
  await row.wanted()
  await row.run('update wikifarm_wikis set owner_id = ? where wiki_id = ?', String(bea.id), String(id))
  await row[Symbol.asyncDispose]()
  expect(await renamed).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect(await store.wikis.get(id)).toMatchObject({ name: 'Ada’s', owner_id: bea.id })
  expect(await api.ask('PATCH', path, { as: bea, body: { name: 'Bea’s' } })).toMatchObject({ status: 200 })
})
