/** Workflows that somebody starts by Temporal's own means, with no API before them; on a scripted farm. */
import { Client, Connection } from '@temporalio/client'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let stack: Stack
let temporal: Client

beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(await startStack({ farmUrl: farm.url, run: ['worker'] }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

test('a label is completed, its name is claimed, and the site is recorded as its owner’s', async () => {
  const user = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
  const { user_id: userId } = await stack.store.transaction((scope) => scope.users.ensure(user))
  const input = { userId, domain: 'ada', ownerName: 'Ada', ownerId: 'ada', isCustomDomain: false }
  const output: unknown = await temporal.workflow.execute('CreateFedWikiSiteWorkflow', {
    ...{ taskQueue: 'wikistead', workflowId: 'by-hand', args: [{ ...input, supportUrl: '' }] },
  })
  const wiki = await stack.store.wikis.byClaim('fedwiki', 'ada.wiki.localhost')
  expect(wiki).toMatchObject({ status: 'active', owner_id: userId, task_id: null })
  expect(output).toEqual({ success: true, siteId: wiki?.wiki_id, domain: 'ada.wiki.localhost' })
  expect(await stack.store.tasks.get('by-hand')).toMatchObject({ status: 'succeeded', user_id: userId })
})
