import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSearchStandIn, type SearchStandIn } from '../../test/search-stand-in.ts'
import type { SearchServer } from './search-client.ts'
import { countIndexed, requireSearch, writeBlock } from './search-state.ts'

describe('whether a stand-in for OpenSearch', () => {
  let search: SearchStandIn
  beforeEach(async () => {
    search = await startSearchStandIn()
    search.indices.set('vic-_content_first', ['vic-'])
  })
  afterEach(() => search[Symbol.asyncDispose]())
  const ask = (as: Pick<SearchServer, 'user' | 'password'> = search.server, work = {}) =>
    requireSearch(search.server, as, 'vic', work)

  test('can do what a script asks of it', async () => {
    await expect(ask()).resolves.toBeUndefined()
    search.documents = 7
    expect(await countIndexed(search.server, 'vic-')).toBe(7)
  })

  test.each([
    [500, 'OpenSearch is not ready (500).'],
    [502, 'OpenSearch is not ready (502).'],
    [503, 'OpenSearch is not ready (503).'],
    [429, 'OpenSearch has too much to do (429).'],
  ])('is to be waited for: %i', async (status, message) => {
    search.interfere = () => status
    await expect(ask()).rejects.toMatchObject({ name: 'ProvisioningFault', final: false, message })
    search.interfere = () => undefined
    await expect(ask()).resolves.toBeUndefined()
  })

  test('is away, and that is said in its own words', async () => {
    const { endpoint } = search.server
    await search[Symbol.asyncDispose]()
    const away = requireSearch({ endpoint }, {}, 'vic')
    const message = 'OpenSearch could not be reached (ECONNREFUSED).'
    await expect(away).rejects.toMatchObject({ name: 'ProvisioningFault', final: false, message })
    search = await startSearchStandIn()
  })

  test('does not let the wiki in, which is final and names whom', async () => {
    const wrong = ask({ user: 'wiki.vic', password: 'of no use' })
    await expect(wrong).rejects.toMatchObject({ name: 'Refusal', code: 'search_denied' })
    await expect(wrong).rejects.toThrow('wiki.vic (401)')
    await expect(wrong).rejects.not.toThrow('of no use')
    await expect(ask({})).rejects.toThrow('as nobody (401)')
    search.interfere = (_method, path) => (path === '/' ? 403 : undefined)
    await expect(ask()).rejects.toThrow('(403)')
  })

  test.each([
    'index.blocks.read_only_allow_delete',
    'index.blocks.write',
    'cluster.blocks.read_only_allow_delete',
  ])('takes no writes: %s', async (block) => {
    search.blocks.add(block)
    const refused = ask()
    await expect(refused).rejects.toMatchObject({ name: 'Refusal', code: 'search_blocked' })
    await expect(refused).rejects.toThrow(block)
    search.blocks.clear()
    expect(await writeBlock(search.server, 'vic')).toBeUndefined()
  })
})
