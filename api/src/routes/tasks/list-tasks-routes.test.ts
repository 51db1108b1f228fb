import { startApiUnderTest, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine })
  })
  afterAll(() => api[Symbol.asyncDispose]())

  test('tasks in a list are called by the names of their wiki and their user', async () => {
    const operator = await api.user('Olga', 'operator')
    const ada = await api.user('Ada')
    const wiki = await api.wiki(ada, 'garden.wiki.test', { name: 'Ada’s Garden' })
    for (const [taskId, wikiId] of [
      ['a-task', wiki.wiki_id],
      ['a-sync', null],
    ] as const) {
      await api.store.transaction(({ tasks }) =>
        tasks.insert({
          ...{ taskId, wikiId, kind: wikiId === null ? 'sync_sites' : 'delete_wiki', engine: 'fedwiki' },
          ...{ userId: ada.id, workflowType: 'none', input: {}, message: 'Queued.' },
        }),
      )
    }
    const named = (tasks: unknown) =>
      (tasks as { id: string; wiki_name: string | null; user_name: string }[])
        .map(({ id, wiki_name: wikiName, user_name: userName }) => [id, wikiName, userName])
        .sort()
    const all = await api.ask('GET', '/v1/tasks', { as: operator })
    expect(named(all.body['tasks'])).toEqual([
      ['a-sync', null, 'Ada'],
      ['a-task', 'Ada’s Garden', 'Ada'],
    ])
    const one = await api.ask('GET', `/v1/tasks?wiki=${String(wiki.wiki_id)}`, { as: ada })
    expect(named(one.body['tasks'])).toEqual([['a-task', 'Ada’s Garden', 'Ada']])
  })

  test('tasks are filtered by what they do, who asked and since when; those of another only by operators', async () => {
    const operator = await api.user('Otto', 'operator')
    const [bob, eve] = [await api.user('Bob'), await api.user('Eve')]
    for (const [taskId, kind, { id: userId }] of [
      ['bobs-change', 'change_wiki', bob],
      ['bobs-sync', 'sync_sites', bob],
      ['eves-change', 'change_wiki', eve],
    ] as const) {
      await api.store.transaction(({ tasks }) =>
        tasks.insert({
          ...{ taskId, wikiId: null, kind, engine: 'fedwiki', userId, workflowType: 'none' },
          ...{ input: {}, message: 'Queued.' },
        }),
      )
    }
    const ids = async (query: string, as = operator) => {
      const { status, body } = await api.ask('GET', `/v1/tasks?${query}`, { as })
      const tasks = (body['tasks'] ?? []) as { id: string }[]
      return status === 200 ? tasks.map(({ id }) => id).sort() : body['code']
    }
    expect(await ids('kind=change_wiki')).toEqual(['bobs-change', 'eves-change'])
    expect(await ids(`kind=change_wiki&user=${String(bob.id)}`)).toEqual(['bobs-change'])
    expect(await ids(`user=${String(bob.id)}`, bob)).toEqual(['bobs-change', 'bobs-sync'])
    expect(await ids('kind=change_wiki', eve)).toEqual(['eves-change'])
    expect(await ids(`user=${String(bob.id)}`, eve)).toBe('forbidden')
    const now = await api.store.tasks.get('bobs-change')
    const since = (ms: number) => encodeURIComponent(new Date(ms).toISOString())
    expect(await ids(`user=${String(bob.id)}&since=${since(now.created_at)}`)).toContain('bobs-change')
    expect(await ids(`since=${since(now.created_at + 3_600_000)}`)).toEqual([])
    expect(await ids('since=yesterday')).toBe('invalid_request')
    expect(await ids('kind=nothing')).toBe('invalid_request')
  })
})
