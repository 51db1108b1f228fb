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
})
