import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSearchStandIn, type SearchStandIn } from '../../test/search-stand-in.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { dropOldIndices, dropSearchIndices, searchResidue } from './search-residue.ts'
import { databaseName } from '../names/slug.ts'
import { indexBase, oldIndexBase } from './wiki-indices.ts'

const none = { indices: 0, records: 0 }

describe('what a stand-in for OpenSearch holds of a wiki', () => {
  let search: SearchStandIn
  beforeEach(async () => {
    search = await startSearchStandIn()
  })
  afterEach(() => search[Symbol.asyncDispose]())

  /** As CirrusSearch's UpdateSearchIndexConfig.php leaves them. */
  const indexed = (slug: string, identifier = 'first', baseOf = oldIndexBase) => {
    const database = databaseName(slug)
    const base = baseOf(database)
    for (const kind of ['content', 'general']) {
      search.indices.set(`${base}_${kind}_${identifier}`, [base, `${base}_${kind}`])
    }
    search.records?.push(database, database, database)
  }
  const drop = (slug: string) => dropSearchIndices(search.server, slug)

  test('is counted, and taken away', async () => {
    indexed('ada-lab')
    expect(await searchResidue(search.server, 'ada-lab')).toEqual({ indices: 2, records: 3 })
    expect(await drop('ada-lab')).toEqual(none)
    expect([...search.indices.keys()]).toEqual([])
    expect(search.records).toEqual([])
    expect(await drop('ada-lab')).toEqual(none)
  })

  test('is all of its indices: of all kinds, rebuilt, half made, and an operator’s own', async () => {
    indexed('ada')
    indexed('ada', '1763888400')
    search.indices.set('ada_titlesuggest_first', ['ada_titlesuggest'])
    search.indices.set('ada_archive_first', [])
    search.indices.set('ada_file_first', ['ada', 'ada_file'])
    search.indices.set('ada_general', [])
    expect(await searchResidue(search.server, 'ada')).toEqual({ indices: 8, records: 6 })
    expect(await drop('ada')).toEqual(none)
  })

  test('is never another wiki’s, nor the farm’s, however alike the names', async () => {
    const others = ['ada-lab', 'ada-content', 'ada-content-first', 'adam', 'lab', 'mw-cirrus-metastore']
    for (const slug of others) indexed(slug)
    // Of a wiki's own kind, and one that is nobody's.
    search.indices.set('ada_lab_file_first', ['ada_lab', 'ada_lab_file'])
    search.indices.set('ada_notes', [])
    search.indices.set('mw_cirrus_metastore_first', ['mw_cirrus_metastore'])
    const before = [...search.indices.keys()]
    const records = [...(search.records ?? [])]
    indexed('ada')
    expect(await drop('ada')).toEqual(none)
    expect([...search.indices.keys()]).toEqual(before)
    expect(search.records).toEqual(records)

    for (const slug of others) expect(await drop(slug)).toEqual(none)
    expect([...search.indices.keys()].sort()).toEqual(['ada_notes', 'mw_cirrus_metastore_first'])
  })

  test('is found under today’s names and those of earlier releases, which go alone as well', async () => {
    indexed('vic', 'first', indexBase)
    indexed('vic')
    for (const slug of ['vic-content', 'vic-general']) {
      indexed(slug, 'first', indexBase)
      indexed(slug)
    }
    search.indices.set('vic-_file_first', [])
    const before = [...search.indices.keys()]
    expect(await searchResidue(search.server, 'vic')).toEqual({ indices: 5, records: 6 })
    expect(await dropOldIndices(search.server, 'vic')).toBe(2)
    expect(await dropOldIndices(search.server, 'vic')).toBe(0)
    expect([...search.indices.keys()]).toEqual(
      before.filter((name) => !['vic_content_first', 'vic_general_first'].includes(name)),
    )
    expect(await drop('vic')).toEqual(none)
    expect([...search.indices.keys()]).toEqual(before.filter((name) => !/^vic(-_|_[a-z]+_first)/.test(name)))
  })

  test('is nothing where no wiki was ever indexed', async () => {
    search.records = undefined
    expect(await searchResidue(search.server, 'ada')).toEqual(none)
    expect(await drop('ada')).toEqual(none)
  })

  test('may vanish meanwhile', async () => {
    indexed('ada')
    search.interfere = (method, path) => {
      if (method === 'DELETE') search.indices.delete(path.slice(1))
      return undefined
    }
    expect(await drop('ada')).toEqual(none)
  })

  test('is told when something of it comes back at once', async () => {
    indexed('ada')
    search.interfere = (method) => {
      if (method === 'POST') search.indices.set('ada_content', [])
      return undefined
    }
    expect(await drop('ada')).toEqual({ indices: 1, records: 0 })
  })

  test.each([500, 503, 403, 301])('is left to another try after an answer %i', async (status) => {
    indexed('ada')
    search.interfere = (method, path) =>
      method === 'DELETE' && path === '/ada_general_first' ? status : undefined
    const fault: unknown = await drop('ada').catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(ProvisioningFault)
    expect(fault).toMatchObject({ final: false })
    expect(`${String(fault)} ${JSON.stringify(fault)}`).not.toContain(search.server.password)
    expect([...search.indices.keys()]).toEqual(['ada_general_first'])
    search.interfere = () => undefined
    expect(await drop('ada')).toEqual(none)
  })

  test('is a fault with the wrong password, and with none', async () => {
    indexed('ada')
    for (const changed of [{ password: 'wrong' }, { user: undefined }]) {
      const wrong = searchResidue({ ...search.server, ...changed }, 'ada')
      await expect(wrong).rejects.toMatchObject({ name: 'ProvisioningFault', reason: '401' })
    }
  })

  test('is a fault when nobody answers, or not in time', async () => {
    search.interfere = () => new Promise(() => undefined)
    const late = searchResidue(search.server, 'ada', { deadlineMs: 50 })
    await expect(late).rejects.toMatchObject({ name: 'ProvisioningFault', reason: 'deadline' })
    const { endpoint } = search.server
    await search[Symbol.asyncDispose]()
    const away = searchResidue({ endpoint }, 'ada')
    await expect(away).rejects.toMatchObject({ name: 'ProvisioningFault', reason: 'ECONNREFUSED' })
    search = await startSearchStandIn()
  })

  test('is given up at once when it is cancelled', async () => {
    const cancel = new AbortController()
    search.interfere = () => {
      cancel.abort(new Error('cancelled'))
      return new Promise(() => undefined)
    }
    const work = { signal: cancel.signal }
    await expect(dropSearchIndices(search.server, 'ada', work)).rejects.toThrow('cancelled')
  })
})
