/** A local user without any right speaks to Temporal, which asks nobody who they are; on a scripted farm. */
import { Client, Connection } from '@temporalio/client'
import { startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let stack: Stack
let temporal: Client
let ada: number
let mallory: number

beforeAll(async () => {
  farm = started.use(await startScriptedFarm())
  stack = started.use(await startStack({ farmUrl: farm.url, run: ['api', 'worker'] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
  const userOf = async (name: string) => {
    const user = { name, role: 'member', issuer: 'test', subject: name } as const
    return (await stack.store.transaction((scope) => scope.users.ensure(user))).user_id
  }
  ada = await userOf('ada')
  mallory = await userOf('mallory')
})
afterAll(() => started.disposeAsync())

const taskQueue = 'wikistead'
const run = (workflow: string, workflowId: string, args: readonly object[]): Promise<unknown> =>
  temporal.workflow
    .execute(workflow, { taskQueue, workflowId, args: [...args] })
    .catch((error: unknown) => error)

const site = (domain: string, userId: number, ownerId: string) => ({
  ...{ userId, domain, ownerName: ownerId, ownerId, isCustomDomain: false, supportUrl: '' },
})
const claim = (label: string) => stack.store.wikis.byClaim('fedwiki', `${label}.wiki.localhost`)

test('nobody gets a site in another’s name', async () => {
  expect(await run('CreateFedWikiSiteWorkflow', 'hers-in-his', [site('hers', ada, 'mallory')])).toMatchObject(
    {
      success: false,
    },
  )
  expect(await claim('hers')).toBeUndefined()
})

test('nothing is deleted, removed for good, changed or given away that nobody has admitted', async () => {
  expect(await run('CreateFedWikiSiteWorkflow', 'ada-site', [site('ada', ada, 'ada')])).toMatchObject({
    success: true,
  })
  const before = await claim('ada')
  const domain = 'ada.wiki.localhost'
  const input = { userId: mallory, domain, supportUrl: '' }
  for (const kind of ['Delete', 'Purge', 'Restore', 'Change']) {
    const change = { ...input, owner: { userId: mallory, name: 'mallory', subject: 'mallory' } }
    const ended = await run(`${kind}FedWikiSiteWorkflow`, `no-task-${kind}`, [change])
    expect([kind, ended]).toMatchObject([kind, { success: false }])
    // Under the id of a task that was admitted for something else.
    await run(`${kind}FedWikiSiteWorkflow`, 'ada-site', [change])
  }
  expect(await claim('ada')).toEqual(before)
  expect(await stack.store.tasks.get('ada-site')).toMatchObject({ status: 'succeeded' })
})

test('what a workflow is told by others does not count where the task’s row says what is wanted', async () => {
  const wiki = (await claim('ada'))?.wiki_id ?? 0
  // Admitted, and not begun: the attacker comes first, with the right id and kind, and another’s site.
  expect(
    await run('CreateFedWikiSiteWorkflow', 'other-site', [site('other', mallory, 'mallory')]),
  ).toMatchObject({
    success: true,
  })
  const other = (await claim('other'))?.wiki_id ?? 0
  await stack.store.transaction(async ({ tasks, wikis }) => {
    await tasks.insert({
      ...{ taskId: 'admitted', kind: 'delete_wiki', engine: 'fedwiki', wikiId: other, userId: mallory },
      ...{ workflowType: 'DeleteFedWikiSiteWorkflow', message: 'Deleting.' },
      input: { userId: mallory, domain: 'other.wiki.localhost', supportUrl: '' },
    })
    await wikis.take(other, 'admitted')
    await wikis.change(other, { status: 'deleting' })
  })
  await run('DeleteFedWikiSiteWorkflow', 'admitted', [
    { userId: ada, domain: 'ada.wiki.localhost', supportUrl: '' },
  ])
  expect((await stack.store.wikis.get(wiki)).status).toBe('active')
  expect((await stack.store.wikis.get(other)).status).toBe('archived')
})

test('a sync that somebody else starts gives sites without an owner to whom the store says', async () => {
  const { body } = await stack.call<{ id: number }>('GET', '/v1/users/me')
  await stack.call('PUT', '/v1/fedwiki/sync', { interval: '1h', default_user_id: body.id })
  farm.sites.set('found.wiki.localhost', { owner: {}, status: 'active', pages: 1 })
  await run('SyncFedWikiSitesWorkflow', 'a-sync-of-hers', [{ defaultUserId: mallory }])
  expect(await claim('found')).toMatchObject({ owner_id: body.id })
})
