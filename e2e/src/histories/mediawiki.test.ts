/**
 * Each MediaWiki workflow, in the ways that it ends: the history that Temporal kept is compared with the recording of it
 * that `workflows/src/replay.test.ts` replays. With WIKISTEAD_RECORD_HISTORIES set (`npm run record-histories`) those
 * that go another way now are recorded beside them.
 */
import { eventually } from '@wikistead/test/eventually'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { sentences } from '@wikistead/contracts'
import { mediaWikiSentences } from '@wikistead/contracts/mediawiki-workflows'
import { hurry } from '@wikistead/test/hurry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  adminPassword,
  startMediaWikiWorld,
  type MediaWikiWorld,
} from '../../test/mediawiki/mediawiki-world.ts'
import { readHistory } from '../../test/recorded-history.ts'
import { record, recordedHistory, wayOf } from '../../test/recordings.ts'

const recording = process.env['WIKISTEAD_RECORD_HISTORIES'] !== undefined
const supportUrl = 'https://help.example.org/'
const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let temporal: Client

beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({
      settings: { 'support-url': supportUrl },
      worker: { interceptors: [hurry(() => true)] },
    }),
  )
  const connection = await Connection.connect({ address: world.stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

async function made(slug: string): Promise<string> {
  const { status, wiki_id: wikiId } = await world.ended(await world.create(slug))
  expect(status).toBe('succeeded')
  return `/v1/wikis/${String(wikiId)}`
}

async function deleted(slug: string): Promise<string> {
  const wiki = await made(slug)
  await world.ended(await world.ask('DELETE', wiki))
  return wiki
}

const ok = { success: true }
const withId = { wikiId: expect.any(Number) as number }
const refused = (errorMessage: unknown) => ({ success: false, errorMessage, supportUrl })
let leftTask = ''

/** What is run, and what the workflow gives; undefined for one that ends as cancelled, null for one that gives nothing, words for one that fails. */
const scenarios: Record<string, [() => Promise<string>, unknown]> = {
  'mediawiki-create': [() => world.create('created'), { ...ok, ...withId }],
  'mediawiki-create-refused': [
    async () => {
      await mkdir(join(world.wikisFolder, 'strangers'))
      return world.create('strangers')
    },
    refused(expect.stringContaining('a strangers already')),
  ],
  'mediawiki-create-failed': [
    async () => {
      await world.scripts.fail('failing', 'installPreConfigured', 1)
      return world.create('failing')
    },
    refused(expect.stringContaining('exit code 1')),
  ],
  'mediawiki-create-cancelled': [
    async () => {
      await world.scripts.hold('regretted', 'installPreConfigured')
      const taskId = await world.create('regretted')
      await world.scripts.reached('regretted', 'installPreConfigured')
      await world.stack.call('POST', `/v1/tasks/${taskId}/cancel`)
      return taskId
    },
    undefined,
  ],
  'mediawiki-create-index-failed': [
    async () => {
      await world.scripts.fail('unindexed', 'rebuildtextindex', 1)
      return world.create('unindexed')
    },
    { ...ok, ...withId, warning: mediaWikiSentences.index_failed },
  ],
  'mediawiki-change': [
    async () => {
      const { id } = await world.stack.newMember('Bea')
      const change = { name: 'Another', visibility: 'private', owner_id: id }
      return world.ask('PATCH', await made('changed'), change)
    },
    ok,
  ],
  'mediawiki-change-refused': [
    async () => {
      await world.scripts.fail('unchanged', 'changeOwner', 3)
      const { id } = await world.stack.newMember('Unknown')
      return world.ask('PATCH', await made('unchanged'), { name: 'Another', owner_id: id })
    },
    refused(expect.stringContaining('no account named Unknown')),
  ],
  'mediawiki-offer-first-sign-in': [
    async () => {
      const [, , , id = ''] = (await made('entered')).split('/')
      const { owner_id: userId } = await world.stack.store.wikis.get(Number(id))
      const workflowId = `first-sign-in/${id}`
      const offer = { userId, slug: 'entered', host: 'here', keyHash: 'ab'.repeat(32), until: 4_000_000_000 }
      const { keyHash, slug, until } = offer
      await world.stack.store.once.keep('first_sign_in', keyHash, {
        ...{ lifetimeMs: 600_000, detail: { slug, until }, userId },
      })
      await temporal.workflow.start('OfferFirstSignInWorkflow', {
        ...{ taskQueue: 'wikistead', workflowId, args: [offer] },
      })
      return workflowId
    },
    { user: 'Local admin' },
  ],
  'mediawiki-reindex': [async () => world.ask('POST', `${await made('indexed-again')}/reindex`), ok],
  'mediawiki-readers-refused': [
    async () => {
      await made('read')
      const [workflowId, key] = ['wiki-readers/read', 'of-the-test']
      const detail = { slug: 'read', ask: { do: 'list' } }
      await world.stack.store.once.keep('wiki_readers', key, { lifetimeMs: 600_000, detail })
      await temporal.workflow.start('WikiReadersWorkflow', {
        ...{ taskQueue: 'wikistead', workflowId, args: [{ slug: 'read', host: 'here', key }] },
      })
      return workflowId
    },
    /accounts of its own/,
  ],
  'mediawiki-delete': [async () => world.ask('DELETE', await made('deleted')), ok],
  'mediawiki-restore': [async () => world.ask('POST', `${await deleted('restored')}/restore`), ok],
  'mediawiki-suspend': [
    async () => world.ask('PUT', `${await made('suspended')}/suspension`, { reason: 'Spam.' }),
    ok,
  ],
  'mediawiki-lift-suspension': [
    async () => {
      const path = `${await made('lifted')}/suspension`
      await world.ended(await world.ask('PUT', path, { reason: 'Spam.' }))
      return world.ask('DELETE', path)
    },
    ok,
  ],
  'mediawiki-purge': [async () => world.ask('DELETE', `${await deleted('purged')}?now=1`), ok],
  'mediawiki-create-rolled-back-in-part': [
    async () => {
      await world.revoke('DROP')
      await world.scripts.fail('in-part', 'installPreConfigured', 126)
      leftTask = await world.create('in-part')
      return leftTask
    },
    refused(sentences.rollback_incomplete),
  ],
  'mediawiki-finish-rollback': [
    async () => {
      await world.grant('DROP')
      const { host } = JSON.parse((await world.stack.store.tasks.get(leftTask)).input) as { host: string }
      const workflowId = `${leftTask}/rollback`
      await temporal.workflow.start('FinishMediaWikiRollbackWorkflow', {
        ...{ taskQueue: 'wikistead', workflowId, args: [{ taskId: leftTask, host }] },
        workflowIdConflictPolicy: 'USE_EXISTING',
      })
      return workflowId
    },
    null,
  ],
}

test.each(Object.entries(scenarios))(
  '%s ends as it must, and as it was recorded',
  async (name, [run, result]) => {
    const handle = temporal.workflow.getHandle(await run())
    // A 202 is given before Temporal has heard of the task.
    await eventually(() => handle.describe())
    const ended: unknown = await handle.result().catch((error: unknown) => error)
    if (result === undefined) expect(ended).toMatchObject({ cause: { name: 'CancelledFailure' } })
    else if (result instanceof RegExp) expect(reasonOf(ended)).toMatch(result)
    else expect(ended).toEqual(result === null ? undefined : result)
    const history = readHistory(await handle.fetchHistory())
    // How it went; what runs side by side is asked for at once.
    if (recording) await record(name, history)
    const recorded = await recordedHistory(name)
    expect(wayOf(history)).toEqual(wayOf(recorded))
    for (const told of [decoded(history.json), decoded(recorded.json)]) {
      expect(told).not.toContain(adminPassword)
      expect(told).not.toContain(hostname())
      expect(told).not.toMatch(/\/(?:tmp|home|root|var|work|usr)\//)
      expect(told).not.toMatch(databasePassword)
    }
  },
)

/** What the activity said that a workflow failed for. */
function reasonOf(failed: unknown): string {
  const { cause, message } = failed as Error
  return cause instanceof Error ? reasonOf(cause) : message
}

/** As `pubwiki-file.ts` makes them. */
const databasePassword = /[\w-]{32}-aA1/

/** The history with every payload in its plain words beside it. */
function decoded(json: string): string {
  const payloads = [...json.matchAll(/"data":"([A-Za-z0-9+/=]*)"/g)]
  return [json, ...payloads.map(([, data = '']) => Buffer.from(data, 'base64').toString())].join('\n')
}

test('the phases of a creation, in their order, each with the patience that was asked for', async () => {
  const { activities } = await recordedHistory('mediawiki-create')
  expect(activities.map(({ type }) => type)).toEqual([
    ...['CopyTemplateActivity', 'MakeOAuthKeysActivity', 'RenderIniActivity', 'ProvisionDatabaseActivity'],
    ...['InstallWikiActivity', 'FlipBootstrapActivity', 'IndexWikiActivity'],
  ])
  for (const { type, timeouts } of activities) {
    expect(timeouts['heartbeatTimeout'], type).toBe(5)
    // Patience counts from the first attempt, in the store; Temporal's clock only says when to ask for the host.
    expect(timeouts['scheduleToStartTimeout'], type).toBe(900)
    expect(timeouts['scheduleToCloseTimeout'], type).toBeUndefined()
  }
})
