import { Refusal } from '@wikistead/contracts'
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { expect, test } from 'vitest'

/** By a DNS of the test's own that knows these proofs: of which domain, and of which user. */
async function startWithProofs(proofs: Set<string>) {
  return startApiUnderTest({
    deps: {
      fedwiki: {
        rules: { parentDomain: 'wiki.test', adminHost: 'admin.wiki.test', customDomains: true },
        ...{ siteLimit: 5, siteUrl: (domain) => domain, undoWindowMs: 600_000, isEmbedded: false },
        proveControl: (domain, userId) =>
          proofs.has(`${domain} ${String(userId)}`)
            ? Promise.resolve()
            : Promise.reject(new Refusal('domain_unproven', 'There is no proof.')),
      },
    },
  })
}

test('a domain that is no longer the owner’s is neither restored nor given away nor made again, by a DNS of the test’s own', async () => {
  const proofs = new Set<string>()
  await using api = await startWithProofs(proofs)
  const [ada, bob] = [await api.user('ada'), await api.user('bob')]
  const operator = await api.user('operator', 'operator')
  const site = (domain: string, status: 'active' | 'archived' = 'active') =>
    api.wiki(ada, domain, { status, customDomain: true })
  const code = async (asking: Promise<{ status: number; body: Record<string, unknown> }>) => {
    const { status, body } = await asking
    return body['code'] ?? status
  }

  const { wiki_id: deleted } = await site('deleted.example.org', 'archived')
  const restore = (as: typeof ada) =>
    code(
      api.ask('POST', `/v1/wikis/${String(deleted)}/restore`, { as, headers: { prefer: 'respond-async' } }),
    )
  expect(await restore(ada)).toBe('domain_unproven')
  expect((await api.store.wikis.get(deleted)).status).toBe('archived')
  proofs.add(`deleted.example.org ${String(ada.id)}`)
  expect(await restore(ada)).toBe(202)

  const { wiki_id: given } = await site('given.example.org')
  const { body } = await api.ask('POST', `/v1/wikis/${String(given)}/transfer`, { as: ada })
  const secret = String(body['url']).split('/').at(-1) ?? ''
  const accept = () => code(api.ask('POST', `/v1/transfers/${secret}/accept`, { as: bob }))
  // What the giver has shown is no proof of the one who takes it.
  proofs.add(`given.example.org ${String(ada.id)}`)
  expect(await accept()).toBe('domain_unproven')
  expect((await api.ask('GET', `/v1/transfers/${secret}`, { as: ada })).body).toMatchObject({
    status: 'offered',
  })
  proofs.add(`given.example.org ${String(bob.id)}`)
  expect(await accept()).toBe(202)

  proofs.add(`again.example.org ${String(ada.id)}`)
  const wanted = { engine: 'fedwiki', domain: 'again.example.org', custom_domain: true }
  const made = await api.ask('POST', '/v1/wikis', {
    as: ada,
    body: wanted,
    headers: { prefer: 'respond-async' },
  })
  const taskId = String(made.body['task_id'])
  await api.store.transaction(async (scope) => {
    const event = { type: 'status', status: 'failed', message: 'Over.', code: 'fault' } as const
    await scope.tasks.append({ taskId, run: 1, event })
    await scope.wikis.change(Number(made.body['wiki_id']), { status: 'failed' })
    await scope.wikis.letGo(Number(made.body['wiki_id']), taskId)
  })
  proofs.clear()
  const retry = (as: typeof ada) => code(api.ask('POST', `/v1/tasks/${taskId}/retry`, { as }))
  expect(await retry(ada)).toBe('domain_unproven')
  // An operator knows what they do.
  expect(await retry(operator)).toBe(202)
})

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
