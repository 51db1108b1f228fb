/** MediaWiki wikis cancelled, refused and failed in every phase: what a task made is taken back, and never more. */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApplicationFailure, Client, Connection } from '@temporalio/client'
import { mediaWikiSentences } from '@wikistead/contracts/mediawiki-workflows'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import { creationPhases } from '../../test/mediawiki/mediawiki-phases.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let ends: MediaWikiEnds
let host: WorkerProcess
let temporal: Client
let before: readonly string[]

beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({
      ...{ cirrusStandIn: true, noHost: true },
      worker: { housekeeping: { sweepEveryMs: 300, rollbackRestMs: 1_000 } },
    }),
  )
  ends = new MediaWikiEnds(world)
  before = await world.residue()
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
  const connection = await Connection.connect({ address: world.stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
})
afterAll(() => started.disposeAsync())

const standsBefore = (activity: string, slug: string) =>
  host.hold((stop) => stop.when === 'before' && stop.activity === activity && stop.domain === slug)

/** Past the last of them the wiki is used, and stays. */
const undoable = creationPhases.filter(({ key }) => key !== 'index')

describe('a creation is cancelled', () => {
  test.concurrent.each(undoable)('before $activity', async ({ key, activity }) => {
    const slug = `early-${key}`
    const stop = standsBefore(activity, slug)
    const taskId = await world.create(slug)
    await stop.reached
    await world.cancel(taskId)
    stop.letGo()
    await ends.expectUndone(slug, taskId, 'cancelled')
  })

  const withMiddle = undoable.filter(({ amid }) => amid !== undefined)
  test.each(withMiddle)('amid $activity', async ({ key, amid }) => {
    const slug = `amid-${key}`
    if (key === 'copy') await fillTemplate()
    const point = await amid?.(world, slug)
    const taskId = await world.create(slug)
    await point?.reached()
    await world.cancel(taskId)
    if (key === 'db') await toldOf(taskId, 'rollback')
    else await world.ended(taskId)
    await point?.letGo()
    await ends.expectUndone(slug, taskId, 'cancelled')
    await rm(join(world.template, 'extra'), { recursive: true, force: true })
  })
})

test('cancelled before its index or amid it, a wiki that can be used stays', async () => {
  const before = standsBefore('IndexWikiActivity', 'early-index')
  await world.scripts.hold('amid-index', 'ForceSearchIndex.php')
  const taskIds = [await world.create('early-index'), await world.create('amid-index')]
  await before.reached
  await world.scripts.reached('amid-index', 'ForceSearchIndex.php')
  for (const taskId of taskIds) await world.cancel(taskId)
  before.letGo()
  for (const taskId of taskIds) {
    const task = await world.ended(taskId)
    expect(task).toMatchObject({ status: 'succeeded', warning: mediaWikiSentences.index_cancelled })
    const wiki = `/v1/wikis/${String(task.wiki_id)}`
    expect((await world.stack.call('GET', wiki)).body).toMatchObject({ status: 'active', task_id: null })
    expect(await world.stack.store.ledger.open(taskId)).toEqual([])
    await world.ended(await world.ask('DELETE', `${wiki}?now=1`))
  }
})

/** So much that its copy takes a while. */
async function fillTemplate(): Promise<void> {
  const extra = join(world.template, 'extra')
  await mkdir(extra)
  for (let n = 0; n < 6_000; n++) await writeFile(join(extra, String(n)), '')
}

async function toldOf(taskId: string, phase: string): Promise<void> {
  await eventually(async () => {
    expect(await world.events(taskId)).toContainEqual(expect.objectContaining({ phase }))
  })
}

describe('what a stranger made is refused and stays as it is', () => {
  test('a folder', async () => {
    const folder = join(world.wikisFolder, 'their-folder')
    await mkdir(folder)
    await writeFile(join(folder, 'index.html'), 'theirs')
    const taskId = await world.create('their-folder')
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'folder_foreign' })
    expect(await ends.left('their-folder', taskId)).toEqual(['folder their-folder'])
    expect(await readdir(folder)).toEqual(['index.html'])
    await rm(folder, { recursive: true })
    await ends.expectRetried('their-folder', taskId)
  })

  test('a folder of keys', async () => {
    const folder = join(world.oauthFolder, 'their-keys')
    await mkdir(folder)
    await writeFile(join(folder, 'oauth.key'), 'theirs')
    const taskId = await world.create('their-keys')
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'folder_foreign' })
    expect(await ends.left('their-keys', taskId)).toEqual(['keys their-keys'])
    expect(await readFile(join(folder, 'oauth.key'), 'utf8')).toBe('theirs')
    await rm(folder, { recursive: true })
    await ends.expectRetried('their-keys', taskId)
  })

  test('a database', async () => {
    await world.sql('CREATE DATABASE their_database')
    await world.sql('CREATE TABLE their_database.theirs (a INT)')
    const taskId = await world.create('their-database')
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'database_foreign' })
    expect(await ends.left('their-database', taskId)).toEqual(['database their_database'])
    expect(await world.sql('SHOW TABLES IN their_database')).toHaveLength(1)
    await world.sql('DROP DATABASE their_database')
    await ends.expectRetried('their-database', taskId)
  })

  test('a user', async () => {
    await world.sql("CREATE USER their_user@'10.0.0.1'")
    await world.sql("GRANT SELECT ON their_user.* TO their_user@'10.0.0.1'")
    const taskId = await world.create('their-user')
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'database_foreign' })
    expect(await ends.left('their-user', taskId)).toEqual([
      'grant their_user on their_user',
      'user their_user',
    ])
    await world.sql("DROP USER their_user@'10.0.0.1'")
    await ends.expectRetried('their-user', taskId)
  })
})

/** Who may insert into MariaDB's own tables needs no other right. */
const makingUsers = 'CREATE USER, INSERT'

describe('a cause that no other try would change undoes everything, and once it is mended a retry succeeds', () => {
  test('no template', async () => {
    await rename(world.template, `${world.template}.away`)
    const taskId = await world.create('untemplated')
    await ends.expectUndone('untemplated', taskId, 'template_missing')
    await rename(`${world.template}.away`, world.template)
    await ends.expectRetried('untemplated', taskId)
  })

  test('no right to make users', async () => {
    await world.revoke(makingUsers)
    const taskId = await world.create('userless')
    await ends.expectUndone('userless', taskId, 'database_rights_missing')
    await world.grant(makingUsers)
    await ends.expectRetried('userless', taskId)
  })

  test('a script that is not there', async () => {
    const maintenance = join(world.template, 'maintenance')
    const link = await readlink(maintenance)
    await rm(maintenance)
    await mkdir(maintenance)
    const taskId = await world.create('scriptless')
    const task = await ends.expectUndone('scriptless', taskId, 'command_failed')
    expect(task.message).toContain('installPreConfigured ended with exit code 1;')
    await rm(maintenance, { recursive: true })
    await symlink(link, maintenance)
    await ends.expectRetried('scriptless', taskId)
  })

  test.concurrent.each([
    ['installPreConfigured', 126, 'command_failed', 1],
    ['installPreConfigured', 255, 'command_failed', 3],
    ['UpdateSearchIndexConfig.php', 1, 'command_failed', 3],
    ['makeFounder', 3, 'identity_needed', 1],
    ['makeFounder', 255, 'command_failed', 3],
  ] as const)('%s ends with %i', async (script, exitCode, code, starts) => {
    const slug = `exit-${String(exitCode)}-${script.slice(0, 2).toLowerCase()}`
    await world.scripts.fail(slug, script, exitCode)
    const taskId = await world.create(slug)
    await ends.expectUndone(slug, taskId, code)
    expect(await world.scripts.starts(slug, script)).toBe(starts)
    await world.scripts.mend(slug, script)
    await ends.expectRetried(slug, taskId)
  })
})

test('a failed index leaves a wiki that can be used, and a warning', async () => {
  await world.scripts.fail('unindexed', 'ForceSearchIndex.php', 1)
  const taskId = await world.create('unindexed')
  const task = await world.ended(taskId)
  expect(task).toMatchObject({ status: 'succeeded', warning: mediaWikiSentences.index_failed })
  expect((await world.events(taskId)).at(-1)).toMatchObject({
    ...{ type: 'status', status: 'succeeded', wiki_id: task.wiki_id },
    warning: mediaWikiSentences.index_failed,
  })
  const wiki = `/v1/wikis/${String(task.wiki_id)}`
  expect((await world.stack.call('GET', wiki)).body).toMatchObject({ status: 'active', task_id: null })
  expect(await readFile(join(world.wikisFolder, 'unindexed/pubwiki.ini'), 'utf8')).toContain(
    'WIKI_BOOTSTRAPING=false',
  )
  await world.ended(await world.ask('DELETE', `${wiki}?now=1`))
})

describe('a rollback that cannot be ended', () => {
  test('says what is left, keeps the name, and is ended by the sweeper when the cause is mended', async () => {
    await world.revoke('DROP')
    await world.scripts.fail('undroppable', 'installPreConfigured', 126)
    const taskId = await world.create('undroppable')
    await expectIncomplete('undroppable', taskId)
    // The parts that can be taken back are.
    expect(existsSync(join(world.oauthFolder, 'undroppable'))).toBe(false)
    expect((await world.stack.store.ledger.open(taskId)).map(({ step }) => step)).toEqual(['db_provision'])
    await world.grant('DROP')
    await expectSwept('undroppable', taskId)
    await world.scripts.mend('undroppable', 'installPreConfigured')
    await ends.expectRetried('undroppable', taskId)
  })

  test('goes on by itself when MariaDB is back', async () => {
    await world.scripts.hold('outlasting', 'installPreConfigured')
    const taskId = await world.create('outlasting')
    await world.scripts.reached('outlasting', 'installPreConfigured')
    await world.stopMariadb()
    await world.cancel(taskId)
    await toldOf(taskId, 'rollback')
    await eventually(() => expect(existsSync(join(world.wikisFolder, 'outlasting'))).toBe(false))
    expect(await ends.nameOf('outlasting')).toBe('taken')
    await world.startMariadb()
    await ends.expectUndone('outlasting', taskId, 'cancelled')
  })

  test('and is given up while MariaDB is away, is ended by the sweeper when it is back', async () => {
    await world.scripts.hold('given-up', 'installPreConfigured')
    const taskId = await world.create('given-up')
    await world.scripts.reached('given-up', 'installPreConfigured')
    const undoing = host.hold(
      ({ when, activity }) => when === 'before' && activity === 'RollbackMediaWikiTaskActivity',
    )
    await world.stopMariadb()
    await world.cancel(taskId)
    await undoing.reached
    // What ten minutes without MariaDB come to; here an operator ends the waiting, by Temporal's own means.
    const { raw } = await temporal.workflow.getHandle(taskId).describe()
    await temporal.activity.fail(
      { workflowId: taskId, activityId: raw.pendingActivities?.[0]?.activityId ?? '' },
      ApplicationFailure.nonRetryable('MariaDB stays away'),
    )
    await expectIncomplete('given-up', taskId)
    undoing.letGo()
    await world.startMariadb()
    await expectSwept('given-up', taskId)
  })
})

async function expectIncomplete(slug: string, taskId: string): Promise<void> {
  expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
  expect((await world.events(taskId)).at(-1)).toMatchObject({ type: 'status', code: 'rollback_incomplete' })
  const alarm = await world.stack.store.alarms.find('rollback_incomplete', taskId)
  expect(alarm?.message).toContain(`db_provision {"slug":"${slug}"}`)
  expect(await ends.nameOf(slug)).toBe('taken')
  const again = { engine: 'mediawiki', name: 'Another', slug, language: 'en' }
  expect(await world.stack.call('POST', '/v1/wikis', again)).toMatchObject({
    ...{ status: 409, body: { code: 'name_taken' } },
  })
  expect(await world.stack.call('POST', `/v1/tasks/${taskId}/retry`)).toMatchObject({
    ...{ status: 409, body: { code: 'not_retryable' } },
  })
}

async function expectSwept(slug: string, taskId: string): Promise<void> {
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'failed', code: 'fault' })
  })
  expect(await ends.left(slug, taskId)).toEqual([])
  expect(await ends.nameOf(slug)).toBe('free')
  const open = await world.stack.store.alarms.open('rollback_incomplete')
  expect(open.map(({ subject }) => subject)).not.toContain(taskId)
}

test('of all that nothing is left', async () => {
  expect(await world.residue()).toEqual(before)
})
