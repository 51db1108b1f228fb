import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Page {
  readonly wikis: readonly { readonly id: number; readonly address: string; readonly name: string }[]
  readonly next_cursor: string | null
}

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let ada: Asker
  let bob: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine })
    ada = await api.user('ada')
    bob = await api.user('bob')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  async function list(path: string, as = ada): Promise<Page> {
    const { status, body } = await api.ask('GET', path, { as })
    expect(status).toBe(200)
    return body as unknown as Page
  }
  const names = async (query: string, as = ada) => {
    const { wikis } = await list(`/v1/wikis?limit=200&${query}`, as)
    return wikis.map(({ name }) => name).sort()
  }
  /** Many at once, in one statement. */
  const addMany = (owner: Asker, addresses: readonly string[]) =>
    api.store.transaction(({ wikis }) =>
      wikis.insertMany(
        addresses.map((address) => ({
          ...{ engine: 'fedwiki', address, name: address, status: 'active', visibility: 'public' },
          ...{ customDomain: false, ownerId: owner.id, ownerSubject: '', ownerName: '', taskId: null },
        })),
      ),
    )

  test.each([1, 7, 200])(
    'five hundred wikis in pages of %i, each once, while others are added and go',
    async (limit) => {
      const tag = `page${String(limit)}`
      const total = limit === 1 ? 20 : 500
      const addresses = Array.from({ length: total }, (_, index) => `${tag}-${String(index)}.wiki.test`)
      await addMany(ada, addresses)
      const seen: string[] = []
      let cursor: string | null = ''
      for (let pages = 0; cursor !== null; pages += 1) {
        const after: string = cursor === '' ? '' : `&cursor=${cursor}`
        const page = await list(`/v1/wikis?q=${tag}-&limit=${String(limit)}${after}`)
        expect(page.wikis.length).toBeLessThanOrEqual(limit)
        seen.push(...page.wikis.map(({ address }) => address))
        cursor = page.next_cursor
        // Newer ones come before the first page; they must neither shift nor repeat what follows.
        if (pages % 10 === 0) await api.wiki(bob, `${tag}-late-${String(pages)}.wiki.test`)
      }
      expect(seen).toEqual(addresses.toReversed())
    },
  )

  test('the last page has no cursor, also when it is full', async () => {
    await addMany(ada, ['full-1.wiki.test', 'full-2.wiki.test'])
    expect((await list('/v1/wikis?q=full-&limit=2')).next_cursor).toBeNull()
    expect((await list('/v1/wikis?q=full-&limit=1')).next_cursor).not.toBeNull()
    expect(await list('/v1/wikis?q=nothing-like-this')).toEqual({ wikis: [], next_cursor: null })
  })

  test('filters alone and together', async () => {
    const cathy = await api.user('cathy')
    const wiki = async (name: string, more = {}) => api.wiki(cathy, `${name}.wiki.test`, { name, ...more })
    await wiki('plain')
    await wiki('secret', { visibility: 'private' })
    await wiki('media', { engine: 'mediawiki' })
    const featured = await wiki('starred')
    await api.store.wikis.change(featured.wiki_id, { featured: 1 })
    const hers = `owner=${String(cathy.id)}`
    expect(await names(hers, cathy)).toEqual(['media', 'plain', 'secret', 'starred'])
    expect(await names(hers)).toEqual(['media', 'plain', 'starred'])
    expect(await names(`${hers}&engine=mediawiki`)).toEqual(['media'])
    expect(await names(`${hers}&visibility=private`, cathy)).toEqual(['secret'])
    expect(await names(`${hers}&featured=1`)).toEqual(['starred'])
    expect(await names(`${hers}&featured=true&engine=mediawiki`)).toEqual([])
    expect(await names(`${hers}&featured=0`)).toEqual(['media', 'plain'])
    expect(await names(`${hers}&status=active&q=a`)).toEqual(['media', 'plain', 'starred'])
    expect((await list(`/v1/users/me/wikis?limit=2`, cathy)).wikis).toHaveLength(2)
    expect(await names('owner=4711')).toEqual([])
  })

  test('q is a part of the name or address, whatever characters it has', async () => {
    const dora = await api.user('dora')
    const texts = [
      ...[
        '100% wool',
        '100 percent',
        'snake_case',
        'snakeXcase',
        "O'Brien's",
        'say "hi"',
        'back\\slash',
        'a|b',
      ],
      ...['École', 'ÉCOLE', 'Straße', 'мир', 'שלום', '🦊 fox', '; DROP TABLE wikis --', '[a-z]*'],
    ]
    for (const [index, name] of texts.entries()) await api.wiki(dora, `q${String(index)}.wiki.test`, { name })
    const found = (q: string) => names(`owner=${String(dora.id)}&q=${encodeURIComponent(q)}`)
    for (const text of texts) expect(await found(text)).toContain(text)
    expect(await found('%')).toEqual(['100% wool'])
    expect(await found('_')).toEqual(['snake_case'])
    expect(await found("'")).toEqual(["O'Brien's"])
    expect(await found('"')).toEqual(['say "hi"'])
    expect(await found('\\')).toEqual(['back\\slash'])
    expect(await found('|')).toEqual(['a|b'])
    expect(await found('🦊')).toEqual(['🦊 fox'])
    expect(await found('BRIEN')).toEqual(["O'Brien's"])
    expect(await found('Q0.WIKI')).toEqual(['100% wool'])
    expect((await api.ask('GET', '/v1/wikis?q=%20', { as: dora })).status).toBe(400)
    expect((await api.ask('GET', `/v1/wikis?q=${'x'.repeat(101)}`, { as: dora })).status).toBe(400)
  })
})

describe('tasks', () => {
  let api: ApiUnderTest
  let ada: Asker
  beforeAll(async () => {
    api = await startApiUnderTest()
    ada = await api.user('ada')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  test('come newest first, in pages, each once, also when many were made in one millisecond', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `task-${String(index).padStart(2, '0')}`)
    await api.store.transaction(async ({ tasks }) => {
      for (const taskId of ids) {
        await tasks.insert({
          ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId: ada.id, message: 'x' },
          ...{ workflowType: 'CreateFedWikiSiteWorkflow', input: {} },
        })
      }
    })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await api.ask('GET', `/v1/tasks?limit=7${cursor && `&cursor=${cursor}`}`, { as: ada })
      const page = body as unknown as { tasks: { id: string }[]; next_cursor: string | null }
      seen.push(...page.tasks.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(ids.toReversed())
  })

  test('can be asked for by status and by wiki', async () => {
    const ids = async (query: string) => {
      const { body } = await api.ask('GET', `/v1/tasks?limit=200&${query}`, { as: ada })
      return (body['tasks'] as { id: string }[]).map(({ id }) => id)
    }
    const event = { type: 'status', status: 'failed' } as const
    await api.store.transaction(({ tasks }) => tasks.append({ taskId: 'task-00', run: 1, event }))
    expect(await ids('status=failed')).toEqual(['task-00'])
    expect(await ids('wiki=1')).toEqual([])
    expect((await api.ask('GET', '/v1/tasks?status=lost', { as: ada })).status).toBe(400)
  })
})
