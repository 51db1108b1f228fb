/**
 * What a wiki's pubwiki.ini says of OpenSearch opens no other wiki's indices, over a stand-in for OpenSearch with its security
 * plugin. The wikis are made the whole way, by the phases.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { giveSearchUsersToHost } from '@wikistead/mediawiki'
import { standInLogin, type SearchStandIn } from '@wikistead/mediawiki/test/search-stand-in'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const started = new AsyncDisposableStack()
const shared = { user: 'everybody', password: 'known to all wikis' }
let world: MediaWikiWorld
let search: SearchStandIn

beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({
      ...{ host: 'here', cirrusStandIn: true },
      settings: {
        ...{ 'opensearch-user': shared.user, 'opensearch-password': shared.password },
        'opensearch-admin-user': standInLogin.user,
        'opensearch-admin-password': standInLogin.password,
        'mediawiki-undo-window': '0',
      },
    }),
  )
  if (world.search === undefined) throw new Error('it was asked for')
  search = world.search
})
afterAll(() => started.disposeAsync())

const iniOf = (slug: string) => readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
/** Without those of `old`, which the host gives a user as soon as it looks. */
const users = () => [...(search.security?.keys() ?? [])].filter((name) => !name.endsWith('.old')).sort()
const ofVic = ['internalusers/wiki.vic', 'roles/wiki.vic', 'rolesmapping/wiki.vic']

async function loginOf(slug: string): Promise<string> {
  const ini = await iniOf(slug)
  const value = (key: string) => new RegExp(`^${key}="?(.*?)"?$`, 'm').exec(ini)?.[1] ?? ''
  return `${value('OPENSEARCH_USER')}:${value('OPENSEARCH_PASSWORD')}`
}
async function remove(login: string, index: string): Promise<number> {
  const { status } = await fetch(new URL(`/${index}`, search.server.endpoint), {
    ...{ method: 'DELETE', headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } },
  })
  return status
}

test('without the plugin wikis share a login, which is not Wikistead’s', async () => {
  expect(await world.ended(await world.create('old'))).toMatchObject({ status: 'succeeded' })
  expect(await loginOf('old')).toBe(`${shared.user}:${shared.password}`)
})

test('with it each has a user, who removes its own indices and no other’s', async () => {
  search.security = new Map()
  expect(await world.ended(await world.create('vic'))).toMatchObject({ status: 'succeeded' })
  expect(users()).toEqual(ofVic)
  for (const secret of [shared.password, standInLogin.password]) {
    expect(await iniOf('vic')).not.toContain(secret)
  }
  for (const index of ['vic-_content_first', 'vic_2-_content_first']) search.indices.set(index, [])
  expect(await remove(await loginOf('vic'), 'vic_2-_content_first')).toBe(403)
  expect(await remove(await loginOf('vic'), 'vic-_content_first')).toBe(200)
})

test('what fails leaves no user behind', async () => {
  await world.scripts.fail('eve', 'UpdateSearchIndexConfig.php', 126)
  expect(await world.ended(await world.create('eve'))).toMatchObject({ status: 'failed' })
  expect(users()).toEqual(ofVic)
})

test('a wiki of an earlier release gets one; one that is removed takes its own along', async () => {
  const { store } = world.stack
  const server = { ...standInLogin, endpoint: search.server.endpoint.replace(/\/$/, '') }
  const deps = { store, search: 'cirrus' as const, openSearch: { server, shared } }
  const folders = { wikis: world.wikisFolder, oauth: world.oauthFolder, template: world.template }
  await giveSearchUsersToHost({ ...deps, folders }, 'here', new AbortController().signal)
  expect((await loginOf('old')).split(':')[0]).toBe('wiki.old')
  const before = await loginOf('vic')
  await giveSearchUsersToHost({ ...deps, folders }, 'here', new AbortController().signal)
  expect(await loginOf('vic')).toBe(before)
  for (const slug of ['vic', 'old']) {
    const wiki = await store.wikis.byClaim('mediawiki', slug)
    const taskId = await world.ask('DELETE', `/v1/wikis/${String(wiki?.wiki_id)}`)
    expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
  }
  expect([...(search.security?.keys() ?? [])]).toEqual([])
})
