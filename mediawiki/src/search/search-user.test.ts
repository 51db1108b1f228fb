import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSearchStandIn, type SearchStandIn } from '../../test/search-stand-in.ts'
import { databaseName } from '../names/slug.ts'
import { dropSearchIndices } from './search-residue.ts'
import { indexBase } from './wiki-indices.ts'
import {
  canMakeSearchUsers,
  dropSearchUser,
  hasSearchUser,
  setSearchReach,
  searchUserName,
  setSearchUser,
} from './search-user.ts'

const password = 'of-the-wiki'

describe('a wiki’s user of a stand-in for OpenSearch with its security plugin', () => {
  let search: SearchStandIn
  beforeEach(async () => {
    search = await startSearchStandIn()
    search.security = new Map()
  })
  afterEach(() => search[Symbol.asyncDispose]())

  const asWiki = async (slug: string, method: string, path: string): Promise<number> => {
    const login = `${searchUserName(databaseName(slug))}:${password}`
    const authorization = `Basic ${Buffer.from(login).toString('base64')}`
    const { status } = await fetch(new URL(path, search.server.endpoint), {
      method,
      headers: { authorization },
    })
    return status
  }

  test('reaches its own indices, and neither another wiki’s nor the users', async () => {
    const slugs = ['vic', 'vic-2', 'vic-lab', 'vic-content', 'avic', 'mw-cirrus-metastore']
    const indicesOf = (slug: string) =>
      ['content_first', 'general_1763888400', 'archive', 'titlesuggest'].map(
        (kind) => `${indexBase(databaseName(slug))}_${kind}`,
      )
    for (const slug of slugs) await setSearchUser(search.server, { database: databaseName(slug), password })
    for (const slug of slugs) {
      for (const other of slugs) {
        for (const index of indicesOf(other)) {
          search.indices.set(index, [])
          expect(await asWiki(slug, 'DELETE', `/${index}`), `${slug} on ${index}`).toBe(
            slug === other ? 200 : 403,
          )
        }
      }
      for (const path of ['internalusers/admin', 'roles/all_access', 'rolesmapping/all_access']) {
        expect(await asWiki(slug, 'PUT', `/_plugins/_security/api/${path}`)).toBe(403)
      }
    }
  })

  test('reaches what it was called before until it is carried over, and then no more', async () => {
    for (const index of ['vic_content_first', 'vic-_content_first']) search.indices.set(index, [])
    await setSearchReach(search.server, { database: 'vic', oldNames: true })
    expect(search.security?.size).toBe(0)
    await setSearchUser(search.server, { database: 'vic', password, oldNames: true })
    expect(await asWiki('vic', 'DELETE', '/vic_content_first')).toBe(200)
    await setSearchReach(search.server, { database: 'vic', oldNames: false })
    search.indices.set('vic_content_first', [])
    expect(await asWiki('vic', 'DELETE', '/vic_content_first')).toBe(403)
    expect(await asWiki('vic', 'DELETE', '/vic-_content_first')).toBe(200)
  })

  test('is made again, and leaves nothing when it is taken away', async () => {
    const made = { database: 'vic', password }
    expect(await canMakeSearchUsers(search.server)).toBe(true)
    for (let time = 0; time < 2; time += 1) expect(await setSearchUser(search.server, made)).toBe(true)
    expect([...(search.security?.keys() ?? [])].sort()).toEqual([
      ...['internalusers/wiki.vic', 'roles/wiki.vic', 'rolesmapping/wiki.vic'],
    ])
    for (let time = 0; time < 2; time += 1) await dropSearchUser(search.server, 'vic')
    expect(search.security?.size).toBe(0)
  })

  test('is told of while any part of it is there', async () => {
    await setSearchUser(search.server, { database: 'vic', password })
    for (const place of [...(search.security?.keys() ?? [])]) {
      expect(await hasSearchUser(search.server, 'vic')).toBe(true)
      search.security?.delete(place)
    }
    expect(await hasSearchUser(search.server, 'vic')).toBe(false)
  })

  test('is none without the plugin, and with a login that may not make any', async () => {
    search.security = undefined
    expect(await setSearchUser(search.server, { database: 'vic', password })).toBe(false)
    expect(await canMakeSearchUsers(search.server)).toBe(false)
    await dropSearchUser(search.server, 'vic')
    expect(await hasSearchUser(search.server, 'vic')).toBe(false)
    search.security = new Map()
    search.interfere = (_method, path) => (path.startsWith('/_plugins') ? 403 : undefined)
    expect(await setSearchUser(search.server, { database: 'vic', password })).toBe(false)
    expect(await canMakeSearchUsers(search.server)).toBe(false)
  })

  test('is left to another try when OpenSearch fails in the middle', async () => {
    search.interfere = (_method, path) => (path.includes('internalusers') ? 500 : undefined)
    await expect(setSearchUser(search.server, { database: 'vic', password })).rejects.toMatchObject({
      final: false,
    })
    search.interfere = () => undefined
    expect(await setSearchUser(search.server, { database: 'vic', password })).toBe(true)
    await dropSearchIndices(search.server, 'vic')
  })
})
