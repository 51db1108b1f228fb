import { Refusal } from '@wikistead/contracts'
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { expect, test } from 'vitest'

test('a repeated request is answered as it was, though a DNS of the test’s own has lost the proof since', async () => {
  let proven = true
  await using api = await startApiUnderTest({
    deps: {
      fedwiki: {
        rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test', customDomains: true },
        ...{ siteLimit: 5, siteUrl: (domain) => domain, undoWindowMs: 0, isEmbedded: false },
        proveControl: () =>
          proven ? Promise.resolve() : Promise.reject(new Refusal('domain_unproven', 'There is no proof.')),
      },
    },
  })
  const as = await api.user('ada')
  const ask = (key: string, domain = 'notes.example.org') =>
    api.ask('POST', '/v1/wikis', {
      as,
      body: { engine: 'fedwiki', domain, custom_domain: true },
      headers: { 'idempotency-key': key, prefer: 'respond-async' },
    })
  const first = await ask('once')
  expect(first.status).toBe(202)
  proven = false
  expect((await ask('once')).body['task_id']).toBe(first.body['task_id'])
  expect((await ask('once', 'other.example.org')).body).toMatchObject({ code: 'idempotency_mismatch' })
  expect((await ask('twice', 'other.example.org')).body).toMatchObject({ code: 'domain_unproven' })
})
