/** Workflows that somebody starts by Temporal's own means, with no API before them; on a scripted farm. */
import { Client, Connection } from '@temporalio/client'
import DNS from 'dns2'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let stack: Stack
let temporal: Client

/** Of the test's own: it knows of no name. */
async function emptyNameServer(): Promise<string> {
  const server = DNS.createServer({
    udp: true,
    handle: (request, send) => {
      const response = DNS.Packet.createResponseFromRequest(request)
      response.header.rcode = DNS.Packet.RCODE.NXDOMAIN
      void send(response)
    },
  })
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } })
  started.defer(() => server.close())
  return `127.0.0.1:${String(udp?.port)}`
}

beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      ...{ farmUrl: farm.url, run: ['worker'] },
      settings: {
        'fedwiki-custom-domains': 'true',
        'fedwiki-custom-domain-secret': 'what the proofs of this test are made with',
        'fedwiki-dns-servers': await emptyNameServer(),
      },
    }),
  )
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

test('a custom domain that nobody has proven is nobody’s by hand either', async () => {
  const user = { name: 'Eve', role: 'member', issuer: 'test', subject: 'eve' } as const
  const { user_id: userId } = await stack.store.transaction((scope) => scope.users.ensure(user))
  const domain = 'somebody-elses.example.org'
  const input = { userId, domain, ownerName: 'Eve', ownerId: 'eve', isCustomDomain: true, supportUrl: '' }
  const output: unknown = await temporal.workflow.execute('CreateFedWikiSiteWorkflow', {
    ...{ taskQueue: 'wikistead', workflowId: 'by-hand-custom', args: [input] },
  })
  expect(output).toMatchObject({ success: false })
  expect(await stack.store.wikis.byClaim('fedwiki', domain)).toBeUndefined()
})
