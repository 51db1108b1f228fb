import { Farm } from '@wikistead/contracts'
import { startApiUnderTest, testSupportUrl } from '@wikistead/test/api-under-test'
import { expect, test } from 'vitest'

test('everybody is told what the farm offers', async () => {
  await using api = await startApiUnderTest({
    deps: {
      mediawiki: {
        ...{ rootHost: 'wikis.test', hubUrl: 'https://hub.wikis.test', wikiLimit: 3, undoWindowMs: 90_000 },
        languages: [{ code: 'zh-hans', name: '中文（简体）' }],
        ...{ search: 'core', patienceMs: 1, wikiUrl: (slug) => slug },
        ...{ requireSlug: (slug) => slug, requireName: () => undefined },
      },
    },
  })
  const { status, body } = await api.ask('GET', '/v1/farm', { headers: { authorization: 'Bearer gone' } })
  expect(status).toBe(200)
  expect(Farm.parse(body)).toEqual({
    sign_in: { kind: 'local', name: 'a one-time link', url: null, hub: null },
    fedwiki: { parent_domain: 'wiki.test', custom_domains: false, site_limit: 1000 },
    mediawiki: {
      ...{ root_host: 'wikis.test', wiki_limit: 3, hub_url: 'https://hub.wikis.test' },
      ...{ languages: [{ code: 'zh-hans', name: '中文（简体）' }], undo_window_seconds: 90 },
    },
    fedwiki_undo_window_seconds: 604_800,
    support_url: testSupportUrl,
    version: expect.any(String) as string,
  })
})

test('an engine that is off is none', async () => {
  await using api = await startApiUnderTest({ deps: { fedwiki: undefined, supportUrl: '' } })
  expect((await api.ask('GET', '/v1/farm')).body).toMatchObject({
    ...{ fedwiki: null, fedwiki_undo_window_seconds: null, mediawiki: null, support_url: null },
  })
})
