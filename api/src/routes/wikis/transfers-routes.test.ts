/** An offer ends once, whatever its two sides, and others, do at the same time. What a worker does is written by hand. */
import type { NewTransfer, Transfer } from '@wikistead/contracts'
import type { WikiRow } from '@wikistead/store'
import { startApiUnderTest, type ApiUnderTest, type Asker } from '@wikistead/test/api-under-test'
import { storeEngines } from '@wikistead/test/stores'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe.each(storeEngines)('on %s', (storeEngine) => {
  let api: ApiUnderTest
  let operator: Asker
  beforeAll(async () => {
    api = await startApiUnderTest({ storeEngine })
    operator = await api.user('operator', 'operator')
  })
  afterAll(() => api[Symbol.asyncDispose]())

  let count = 0
  /** Two people who start anew, and a wiki of the first. */
  async function twoAndAWiki(more: Parameters<ApiUnderTest['wiki']>[2] = {}) {
    const n = String(count++)
    const ada = await api.user(`ada-${n}`)
    const bob = await api.user(`bob-${n}`)
    return { ada, bob, wiki: await api.wiki(ada, `given-${n}.wiki.test`, more) }
  }
  const path = ({ wiki_id: id }: WikiRow, rest = '/transfer') => `/v1/wikis/${String(id)}${rest}`
  async function offer(ada: Asker, wiki: WikiRow): Promise<NewTransfer & { readonly at: string }> {
    const answer = await api.ask('POST', path(wiki), { as: ada })
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    const made = answer.body as unknown as NewTransfer
    return { ...made, at: `/v1${new URL(made.url).pathname}` }
  }
  const outcome = async (asked: ReturnType<ApiUnderTest['ask']>) => {
    const { status, body } = await asked
    return status < 300 ? status : body['code']
  }
  const accept = (as: Asker, at: string) => outcome(api.ask('POST', `${at}/accept`, { as }))
  const decline = (as: Asker, at: string) => outcome(api.ask('POST', `${at}/decline`, { as }))
  const look = async (as: Asker, at: string) => {
    const { status, body } = await api.ask('GET', at, { as })
    return status === 200 ? (body as unknown as Transfer).status : body['code']
  }
  /** What a worker leaves behind at the end of the change. */
  async function end(wiki: WikiRow, status: 'succeeded' | 'failed', newOwner?: Asker): Promise<void> {
    const { task_id: taskId = '' } = await api.store.wikis.get(wiki.wiki_id)
    await api.store.transaction(async (scope) => {
      const event = status === 'failed' ? { code: 'owner_change_unsupported' as const } : {}
      await scope.tasks.append({ taskId: taskId ?? '', run: 1, event: { type: 'status', status, ...event } })
      await scope.wikis.change(wiki.wiki_id, {
        status: 'active',
        ...(newOwner !== undefined && { owner_id: newOwner.id }),
      })
      await scope.wikis.letGo(wiki.wiki_id, taskId ?? '')
    })
  }

  test('an offer is looked at by its link, and accepted: a task gives the wiki to the other', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { transfer, at, url } = await offer(ada, wiki)
    expect(url).toMatch(/^http:\/\/wikistead\.test\/transfers\/[\w-]{43}$/)
    expect(transfer).toMatchObject({ status: 'offered', from: { id: ada.id }, to: null, task_id: null })
    expect((await api.ask('GET', at, { as: bob })).body).toEqual(transfer)

    const accepted = await api.ask('POST', `${at}/accept`, { as: bob })
    const taskId = (accepted.body as { task_id: string }).task_id
    expect([accepted.status, accepted.headers['location']]).toEqual([202, `/v1/tasks/${taskId}`])
    const task = await api.store.tasks.get(taskId)
    expect(task).toMatchObject({ kind: 'change_wiki', user_id: bob.id, wiki_id: wiki.wiki_id })
    expect(JSON.parse(task.input)).toMatchObject({
      owner: { userId: bob.id, subject: expect.stringMatching(/^sub-of-bob/) as string },
    })
    expect((await api.ask('GET', `/v1/tasks/${taskId}`, { as: bob })).status).toBe(200)
    // Once more by the same is the same.
    expect((await api.ask('POST', `${at}/accept`, { as: bob })).body).toMatchObject({ task_id: taskId })
    await end(wiki, 'succeeded', bob)
    expect(await look(ada, at)).toBe('accepted')
    for (const as of [ada, bob]) {
      const { body } = await api.ask('GET', '/v1/users/me/transfers', { as })
      expect(body['transfers']).toMatchObject([
        { id: transfer.id, status: 'accepted', to: { id: bob.id }, task_id: taskId },
      ])
    }
    // It is nobody else's business any more, and no second one's to take.
    expect(await look(await api.user('late'), at)).toBe('transfer_ended')
    expect(await accept(ada, at)).toBe('forbidden')
  })

  test('only its owner offers a wiki, not even an operator; strangers learn nothing', async () => {
    const { bob, wiki } = await twoAndAWiki({ visibility: 'private' })
    expect(await outcome(api.ask('POST', path(wiki), { as: bob }))).toBe('wiki_not_found')
    expect(await outcome(api.ask('POST', path(wiki), { as: operator }))).toBe('forbidden')
    expect(await look(bob, '/v1/transfers/x')).toBe('transfer_not_found')
    expect(await accept(bob, `/v1/transfers/${'x'.repeat(43)}`)).toBe('transfer_not_found')
    expect(await outcome(api.ask('GET', '/v1/transfers/x'))).toBe('unauthenticated')
  })

  test('who offers cannot accept or decline; who declined may say so twice', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { at } = await offer(ada, wiki)
    expect([await accept(ada, at), await decline(ada, at)]).toEqual(['forbidden', 'forbidden'])
    expect([await decline(bob, at), await decline(bob, at)]).toEqual([200, 200])
    expect(await accept(bob, at)).toBe('transfer_ended')
    expect(await look(ada, at)).toBe('declined')
  })

  test('an offer is withdrawn by its owner, by an operator, and by the next offer', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const withdraw = (as: Asker) => outcome(api.ask('DELETE', path(wiki), { as }))
    expect(await withdraw(ada)).toBe('transfer_not_found')
    const first = await offer(ada, wiki)
    const second = await offer(ada, wiki)
    expect([await accept(bob, first.at), await look(bob, second.at)]).toEqual(['transfer_ended', 'offered'])
    expect(await withdraw(bob)).toBe('forbidden')
    expect(await withdraw(ada)).toBe(200)
    expect(await accept(bob, second.at)).toBe('transfer_ended')
    const third = await offer(ada, wiki)
    expect([await withdraw(operator), await accept(bob, third.at)]).toEqual([200, 'transfer_ended'])
  })

  test('ten people at once, and one of them ten times: it becomes one’s', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { at, transfer } = await offer(ada, wiki)
    const others = await Promise.all(
      Array.from({ length: 9 }, (_, n) => api.user(`r${String(count)}-${String(n)}`)),
    )
    const everybody = [...others, ...Array.from({ length: 10 }, () => bob)]
    const found = await Promise.all(everybody.map(async (as) => ({ as, code: await accept(as, at) })))
    const winners = new Set(found.filter(({ code }) => code === 202).map(({ as }) => as.id))
    expect(winners.size).toBe(1)
    for (const { code } of found) expect([202, 'transfer_ended', 'busy']).toContain(code)
    const row = await api.store.transfers.get(transfer.id)
    expect([row.status, row.to_user_id]).toEqual(['accepted', [...winners][0]])
    expect(await api.store.tasks.list({ limit: 10, wikiId: wiki.wiki_id })).toHaveLength(1)
  })

  test('accepted, declined and withdrawn at once: one of them is so', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { ada, bob, wiki } = await twoAndAWiki()
      const { at, transfer } = await offer(ada, wiki)
      const eve = await api.user(`eve-${String(count)}`)
      const outcomes = await Promise.all([
        accept(bob, at),
        decline(eve, at),
        outcome(api.ask('DELETE', path(wiki), { as: ada })),
      ])
      const { status } = await api.store.transfers.get(transfer.id)
      const good = outcomes.map((code) => code === 200 || code === 202)
      expect([good.filter(Boolean).length, status]).toEqual([
        ...[1, ['accepted', 'declined', 'withdrawn'][good.indexOf(true)]],
      ])
    }
  })

  test('an offer ends with its time, with the wiki, and with a change of hands', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const old = await api.store.transaction((scope) =>
      scope.transfers.offer(wiki.wiki_id, ada.id, Date.now() - 7 * 86_400_000 - 1),
    )
    const at = `/v1/transfers/${old.secret}`
    expect([await accept(bob, at), await decline(bob, at)]).toEqual(['transfer_ended', 'transfer_ended'])
    expect(await look(ada, at)).toBe('expired')

    const changed = await offer(ada, wiki)
    await api.store.wikis.change(wiki.wiki_id, { owner_id: operator.id })
    expect(await accept(bob, changed.at)).toBe('transfer_ended')
    expect(await look(ada, changed.at)).toBe('withdrawn')

    const { ada: cleo, wiki: gone } = await twoAndAWiki()
    const { at: ofGone, transfer } = await offer(cleo, gone)
    await api.store.wikis.change(gone.wiki_id, { status: 'archived' })
    expect(await accept(bob, ofGone)).toBe('wiki_not_found')
    await api.store.wikis.release(gone.wiki_id, 'deleted')
    expect(await accept(bob, ofGone)).toBe('wiki_not_found')
    expect(await look(cleo, ofGone)).toBe('withdrawn')
    // Nothing of a refused acceptance is left.
    expect(await api.store.transfers.get(transfer.id)).toMatchObject({ to_user_id: null, task_id: null })
  })

  test('while something is at work on the wiki nothing changes, and the offer stands', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { at } = await offer(ada, wiki)
    await api.store.wikis.take(wiki.wiki_id, 'at-work')
    expect(await accept(bob, at)).toBe('busy')
    await api.store.wikis.letGo(wiki.wiki_id, 'at-work')
    expect([await look(bob, at), await accept(bob, at)]).toEqual(['offered', 202])
    expect(await outcome(api.ask('POST', path(wiki), { as: ada }))).toBe('busy')
  })

  test('who accepts needs a place of their own; what is on its way takes one', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const second = await api.wiki(ada, `second-${String(count)}.wiki.test`)
    const [one, two] = [await offer(ada, wiki), await offer(ada, second)]
    await api.store.users.change(bob.id, { site_limit: 0 })
    expect([await accept(bob, one.at), await look(bob, one.at)]).toEqual(['quota_reached', 'offered'])
    await api.store.users.change(bob.id, { site_limit: 1 })
    const outcomes = await Promise.all([accept(bob, one.at), accept(bob, two.at)])
    expect(outcomes.sort()).toEqual([202, 'quota_reached'])
    const quotas = (await api.ask('GET', '/v1/users/me/quotas', { as: bob })).body['quotas']
    expect(quotas).toMatchObject([{ engine: 'fedwiki', used: 1, limit: 1 }])
    const body = { engine: 'fedwiki', domain: `no-room-${String(count)}` }
    expect(await outcome(api.ask('POST', '/v1/wikis', { as: bob, body }))).toBe('quota_reached')
  })

  test('a change that failed leaves the wiki where it was: tried again while the offer would stand', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { at, transfer } = await offer(ada, wiki)
    await api.store.users.change(bob.id, { site_limit: 1 })
    expect(await accept(bob, at)).toBe(202)
    await end(wiki, 'failed')
    const { task_id: taskId } = await api.store.transfers.get(transfer.id)
    const retry = () => outcome(api.ask('POST', `/v1/tasks/${taskId ?? ''}/retry`, { as: bob }))
    expect(await retry()).toBe(202)
    const { run } = await api.store.tasks.get(taskId ?? '')
    await api.store.transaction(async (scope) => {
      const event = { type: 'status', status: 'failed', code: 'fault' } as const
      await scope.tasks.append({ taskId: taskId ?? '', run, event })
      await scope.wikis.change(wiki.wiki_id, { status: 'active' })
      await scope.wikis.letGo(wiki.wiki_id, taskId ?? '')
    })
    // What its owner took back is not to be had by an old task.
    expect(await outcome(api.ask('DELETE', path(wiki), { as: ada }))).toBe(200)
    expect(await retry()).toBe('transfer_ended')
    expect(await look(bob, at)).toBe('withdrawn')
  })

  test('who the farm could not know is told so, and the offer stands', async () => {
    const { ada, wiki } = await twoAndAWiki()
    const { at } = await offer(ada, wiki)
    const nameless = await api.store.transaction(async (scope) => {
      const { user_id: id } = await scope.users.ensure({
        ...{ name: 'nameless', role: 'member', issuer: 'bootstrap', subject: `gone-${String(count)}` },
      })
      return { id, token: await scope.tokens.issue(id, { label: 'x' }) }
    })
    await using other = await startApiUnderTest({
      storeEngine,
      deps: {
        store: api.store,
        provider: {
          ...{ issuer: 'https://idp.example', name: 'IdP', clientId: 'x', clientSecret: undefined },
          ...{ scopes: 'openid', adminSubjects: [] },
        },
      },
    })
    const answer = await other.ask('POST', `${at}/accept`, { as: nameless })
    expect(answer.body).toMatchObject({ code: 'identity_needed' })
    expect(await look(ada, at)).toBe('offered')
  })

  test('the secret is in no row, list or audit entry', async () => {
    const { ada, bob, wiki } = await twoAndAWiki()
    const { at, transfer } = await offer(ada, wiki)
    await decline(bob, at)
    const secret = at.split('/').at(-1) ?? ''
    const { text: audit } = await api.ask('GET', '/v1/audit?limit=200', { as: operator })
    expect(audit).toContain(`transfer/${transfer.id}`)
    const { text: mine } = await api.ask('GET', '/v1/users/me/transfers', { as: ada })
    const rows = JSON.stringify(await api.store.transfers.of(ada.id))
    for (const text of [audit, mine, rows]) expect(text).not.toContain(secret)
  })
})
