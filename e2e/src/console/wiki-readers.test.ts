/** Who reads a private wiki of a hub: let in, invited and let go in a real browser, and held to by the wiki itself. */
import type { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { Client, Connection } from '@temporalio/client'
import { workflowQueue } from '@wikistead/contracts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, keepScreenshot, launchBrowser, visitor } from '../../test/console-browser.ts'
import { password, rest, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let farm: HubWorld
let browser: Browser
/** By her account on the hub, with a token for the API. */
let rosa: { readonly id: number; readonly token: string }
let wikiId: number
/** Signed in on the private wiki. */
let vera: Visitor
let eve: Visitor

beforeAll(async () => {
  farm = started.use(await startHubWorld({ settings: { console: 'true', 'fedwiki-embedded-farm': 'false' } }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  const [owner] = [await farm.member('Rosa'), await farm.member('Vera'), await farm.member('Eve')]
  const wanted = { name: 'Secrets', slug: 'secrets', language: 'en', visibility: 'private' }
  const token = await owner.token(farm.hub, 'csrf')
  const made = await rest(owner, farm.hub, 'POST', '/wikis', { ...wanted, token })
  expect(await farm.world.ended(String(made.json['task_id']))).toMatchObject({ status: 'succeeded' })
  const { store } = farm.world.stack
  const wiki = await store.wikis.byClaim('mediawiki', 'secrets')
  wikiId = wiki?.wiki_id ?? 0
  const id = wiki?.owner_id ?? 0
  rosa = { id, token: await store.tokens.issue(id, { label: 'a test' }) }
  vera = farm.visitor()
  eve = farm.visitor()
  for (const [who, name] of [
    [vera, 'Vera'],
    [eve, 'Eve'],
  ] as const) {
    expect(await who.signIn(farm.hostOf('secrets'), name, password)).toMatchObject({
      clientlogin: { status: 'PASS' },
    })
  }
})
afterAll(() => started.disposeAsync())

/** Of the wiki itself: whether it shows them a page. */
async function reads(who: Visitor): Promise<boolean> {
  const answer = await who.api(farm.hostOf('secrets'), { action: 'query', prop: 'info', titles: 'Main Page' })
  if ('error' in answer) expect(answer).toMatchObject({ error: { code: 'readapidenied' } })
  return 'query' in answer
}
const ask = (method: string, path: string, body?: object, token = rosa.token) =>
  farm.world.stack.call<Record<string, unknown>>(method, `/v1/wikis/${String(wikiId)}${path}`, body, {
    token,
  })
const told = ({ status, body }: { readonly status: number; readonly body: Record<string, unknown> }) => [
  status,
  body['code'],
]

test('its owner lets somebody in and goes back on it, and the wiki does so at once', async () => {
  expect(await reads(vera)).toBe(false)
  expect((await ask('GET', '/accounts?q=ve')).body).toMatchObject({
    accounts: [{ name: 'Vera', groups: [] }],
  })
  const added = await ask('POST', '/readers', { name: 'vera' })
  expect(added).toMatchObject({ status: 200, body: { name: 'Vera', groups: ['member'] } })
  // Once more is no harm.
  expect((await ask('POST', '/readers', { name: 'Vera' })).status).toBe(200)
  expect([await reads(vera), await reads(eve)]).toEqual([true, false])
  const { body } = await ask('GET', '/readers')
  expect(body['readers']).toEqual([
    { account: expect.any(Number) as number, name: 'Rosa', groups: ['bureaucrat', 'member', 'sysop'] },
    { account: added.body['account'], name: 'Vera', groups: ['member'] },
  ])
  expect((await ask('DELETE', `/readers/${String(added.body['account'])}`)).status).toBe(204)
  expect((await ask('DELETE', `/readers/${String(added.body['account'])}`)).status).toBe(204)
  expect(await reads(vera)).toBe(false)
})

test('what cannot be is refused, and changes nothing', async () => {
  expect(told(await ask('POST', '/readers', { name: 'Nobody at all' }))).toEqual([
    404,
    'hub_account_not_found',
  ])
  expect(told(await ask('POST', '/readers', { account: 999_999 }))).toEqual([404, 'hub_account_not_found'])
  expect(told(await ask('POST', '/readers', {}))).toEqual([400, 'invalid_request'])
  // Names are compared, and not matched.
  expect(told(await ask('POST', '/readers', { name: 'Ver%' }))).toEqual([404, 'hub_account_not_found'])
  const { body } = await ask('GET', '/readers')
  const [{ account: owner }] = body['readers'] as [{ account: number }]
  expect(told(await ask('DELETE', `/readers/${String(owner)}`))).toEqual([409, 'reader_stays'])
  const { store } = farm.world.stack
  const another = await store.users.ensure({
    name: 'Another',
    role: 'member',
    issuer: 'x',
    subject: 'another',
  })
  const operator = await store.users.ensure({ name: 'Op', role: 'operator', issuer: 'x', subject: 'op' })
  for (const [user, refusal] of [
    [another, [404, 'wiki_not_found']],
    [operator, [403, 'forbidden']],
  ] as const) {
    const token = await store.tokens.issue(user.user_id, { label: 'a test' })
    for (const path of ['/readers', '/accounts?q=a']) {
      expect(told(await ask('GET', path, undefined, token))).toEqual(refusal)
    }
    expect(told(await ask('POST', '/readers', { name: 'Eve' }, token))).toEqual(refusal)
    expect(told(await ask('POST', '/read-invitations', undefined, token))).toEqual(refusal)
  }
  expect([await reads(vera), await reads(eve)]).toEqual([false, false])
})

test('who can speak to Temporal, and not to the store, lets nobody in', async () => {
  const { temporal, store } = farm.world.stack
  const { host } = await store.wikis.get(wikiId)
  const connection = await Connection.connect({ address: temporal.address })
  started.defer(() => connection.close())
  const forged = new Client({ connection }).workflow.execute('WikiReadersWorkflow', {
    ...{ taskQueue: workflowQueue, workflowId: 'wiki-readers/forged', workflowExecutionTimeout: 25_000 },
    args: [{ slug: 'secrets', host, key: 'made-up', ask: { do: 'add', name: 'Eve' } }],
  })
  await expect(forged).rejects.toThrow()
  expect(await reads(eve)).toBe(false)
})

test(
  'in the console its owner finds somebody and lets them in, and a link lets in one more',
  { timeout: 240_000 },
  async () => {
    const { url, store } = farm.world.stack
    const signIn = async (name: string, at: string) => {
      const somebody = started.use(await visitor(browser, url))
      const { page } = somebody
      await page.goto(at)
      await page.getByRole('link', { name: 'Sign in with your account of Our Hub' }).click()
      await page.getByLabel('Username').fill(name)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('button', { name: 'Sign in to the console' }).click()
      return page
    }
    const page = await signIn('Rosa', `/wikis/${String(wikiId)}`)
    await page.getByRole('heading', { name: 'Who reads it' }).waitFor()
    await page.getByLabel('Find an account of the hub').fill('Ver')
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    await page.getByRole('button', { name: 'Let Vera read' }).click()
    await page.getByRole('button', { name: 'Remove Vera' }).waitFor()
    expect(await reads(vera)).toBe(true)
    await page.getByRole('button', { name: 'Invite by a link' }).click()
    await page.getByText('A link that counts once').waitFor()
    await expectAccessible(page, 'the readers of a private wiki')
    await keepScreenshot(page, 'wiki-readers')
    const link = await page.getByLabel('The invitation').innerText()
    const { pathname } = new URL(link)
    const hers = await signIn('Eve', pathname)
    await hers.getByText('You will read it as Eve').waitFor()
    await expectAccessible(hers, 'an invitation to read')
    await keepScreenshot(hers, 'read-invitation')
    await hers.getByRole('button', { name: 'Accept' }).click()
    await hers.getByText('You read Secrets from now on').waitFor()
    expect(await reads(eve)).toBe(true)
    // It counts once, and is in no list any more.
    const secret = pathname.split('/').at(-1) ?? ''
    const again = await farm.world.stack.call<Record<string, unknown>>(
      'POST',
      `/v1/read-invitations/${secret}/accept`,
    )
    expect(told(again)).toEqual([404, 'read_link_not_found'])
    expect(await store.readInvitations.of(wikiId)).toEqual([])
    await page.reload()
    await page.getByRole('button', { name: 'Remove Eve' }).click()
    await page.getByRole('button', { name: 'Remove Eve' }).waitFor({ state: 'detached' })
    expect([await reads(vera), await reads(eve)]).toEqual([true, false])
  },
)

test('an invitation that cannot be accepted stands, and one that was withdrawn does not', async () => {
  const { stack } = farm.world
  const made = await ask('POST', '/read-invitations')
  expect(made.status).toBe(201)
  const secret = String(made.body['url']).split('/').at(-1) ?? ''
  // The local admin has no account on the hub.
  const refused = await stack.call<Record<string, unknown>>('POST', `/v1/read-invitations/${secret}/accept`)
  expect(told(refused)).toEqual([409, 'identity_needed'])
  expect((await stack.call('GET', `/v1/read-invitations/${secret}`)).body).toMatchObject({
    as: null,
    from: 'Rosa',
  })
  const { id } = made.body['invitation'] as { id: string }
  expect((await ask('DELETE', `/read-invitations/${id}`)).status).toBe(204)
  expect(told(await stack.call('GET', `/v1/read-invitations/${secret}`))).toEqual([
    404,
    'read_link_not_found',
  ])
})
