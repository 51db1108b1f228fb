/** Changing a MediaWiki wiki: what is asked for is so in the wiki and in its row, or all is as it was. */
import { eventually } from '@wikistead/test/eventually'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ApplicationFailure, Client, Connection } from '@temporalio/client'
import { hostOf } from '@wikistead/mediawiki-template/test/test-site'
import { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { createLogger, PartWatch, serveWikis } from '@wikistead/server'
import type { WikiRow } from '@wikistead/store'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const run = promisify(execFile)
const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let ends: MediaWikiEnds
let host: WorkerProcess
let front: Awaited<ReturnType<typeof serveWikis>>
let temporal: Client
let linus: { readonly id: number; readonly token: string }

beforeAll(async () => {
  world = started.use(
    await startMediaWikiWorld({
      ...{ noHost: true, settings: { 'wiki-shared-db-name': 'hub' } },
      worker: { housekeeping: { sweepEveryMs: 300, rollbackRestMs: 1_000 } },
    }),
  )
  ends = new MediaWikiEnds(world)
  await startHost()
  const hub = await world.ended(await world.create('hub', { hub: true, owner_name: 'Grace' }))
  expect(hub.status).toBe('succeeded')
  for (const name of ['Linus', 'Ada']) {
    await run('php', ['maintenance/run', 'createAndPromote', name, 'a long password'], {
      cwd: join(world.wikisFolder, 'hub'),
    })
  }
  linus = await world.stack.newMember('Linus')
  const connection = await Connection.connect({ address: world.stack.temporal.address })
  started.defer(() => connection.close())
  temporal = new Client({ connection })
  front = started.use(
    await serveWikis(world.stack.config, {
      ...{ store: world.stack.store, watch: new PartWatch(createLogger('silent')) },
      listen: { host: '127.0.0.1', port: 0 },
    }),
  )
})
afterAll(() => started.disposeAsync())

async function startHost(): Promise<void> {
  host = started.use(await startWorkerProcess([...world.stack.flags, '--host=here']))
}

/** A child that stands, owned by the local admin, whose account on the hub is Grace's. */
async function made(slug: string, more: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const task = await world.ended(await world.create(slug, { owner_name: 'Grace', ...more }))
  expect(task, task.message).toMatchObject({ status: 'succeeded' })
  return task.wiki_id ?? 0
}

const change = (id: number, body: unknown) => world.ask('PATCH', `/v1/wikis/${String(id)}`, body)
const refused = (id: number, body: unknown) =>
  world.stack.call('PATCH', `/v1/wikis/${String(id)}`, body, { headers: { prefer: 'respond-async' } })
const iniOf = (slug: string) => readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
const databaseOf = (slug: string): string => slug.replaceAll('-', '_')
const rightsOf = async (slug: string) =>
  (
    await world.sql(
      `SELECT user_name, ug_group FROM ${databaseOf(slug)}.user_groups JOIN hub.user ON user_id = ug_user ORDER BY user_name, ug_group`,
    )
  ).map((row) => `${String(row['user_name'])}: ${String(row['ug_group'])}`)

/** All that a change may touch. */
async function stateOf(id: number, slug: string) {
  const row = { ...(await world.stack.store.wikis.get(id)), updated_at: 0 }
  return { row, ini: await iniOf(slug), rights: await rightsOf(slug) }
}

async function expectUnchanged(id: number, slug: string, before: unknown, taskId: string): Promise<void> {
  expect(await stateOf(id, slug)).toEqual(before)
  expect(await world.stack.store.ledger.open(taskId)).toEqual([])
  expect((await world.residue()).filter((line) => line.includes(taskId))).toEqual([])
}

const everything = (): Readonly<Record<string, unknown>> => ({
  ...{ name: 'Another name', visibility: 'private', serving: 'readonly' },
  ...{ owner_id: linus.id },
})

describe('what is asked for', () => {
  test('is so in the wiki, in its row and in its rights, and every phase is told', async () => {
    const id = await made('whole')
    const before = await iniOf('whole')
    const taskId = await change(id, everything())
    expect(await world.ended(taskId)).toMatchObject({ kind: 'change_wiki', status: 'succeeded', wiki_id: id })
    const events = await world.events(taskId)
    const phases = events.flatMap(({ type, phase }) => (type === 'progress' && phase ? [phase] : []))
    expect(new Set(phases)).toEqual(new Set(['change_owner', 'change_settings']))
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'succeeded', wiki_id: id })
    const shown = await world.stack.call('GET', `/v1/wikis/${String(id)}`, undefined, { token: linus.token })
    expect(shown.body).toMatchObject({
      ...{ name: 'Another name', visibility: 'private', serving: 'readonly', status: 'active' },
      ...{ owner: { id: linus.id, name: 'Linus' }, task_id: null },
    })
    expect(await rightsOf('whole')).toEqual(['Linus: bureaucrat', 'Linus: sysop'])
    expect(await iniOf('whole')).toBe(
      before
        .replace(/^WIKI_SITE_NAME=.*$/m, 'WIKI_SITE_NAME="Another name"')
        .replace('WIKI_VISIBILITY="public"', 'WIKI_VISIBILITY="private"')
        .replace('WIKI_SERVING="active"', 'WIKI_SERVING="readonly"'),
    )
    expect((await world.residue()).filter((line) => line.includes(taskId))).toEqual([])
    expect((await world.stack.store.tasks.list({ wikiId: id, limit: 9 })).map(({ kind }) => kind)).toEqual([
      ...['change_wiki', 'create_wiki'],
    ])
  })

  test('a wiki that turns private is so at once, at every door; an archived one shows nothing to anybody', async () => {
    const id = await made('doors')
    const visitor = () => new Visitor(front.port)
    const title = '/wiki/Main_Page'
    expect((await visitor().get(hostOf('doors'), title)).status).toBe(200)
    await world.ended(await change(id, { visibility: 'private' }))
    const page = await visitor().get(hostOf('doors'), title)
    expect(page.text).toContain('<title>Permission error')
    for (const path of [
      ...[
        '/api.php?action=parse&page=Main_Page&format=json',
        '/api.php?action=query&meta=siteinfo&format=json',
      ],
      ...[
        '/rest.php/v1/page/Main_Page',
        '/index.php?title=Main_Page&action=raw',
        '/img_auth.php/a/ab/Dot.png',
      ],
    ]) {
      const { status, text } = await visitor().get(hostOf('doors'), path)
      const told = /readapidenied|<title>Permission error/.test(text)
      expect(told || status === 401 || status === 403, `${path} ${text}`).toBe(true)
    }
    await world.ended(await change(id, { serving: 'archived', visibility: 'public' }))
    const archived = await visitor().get(hostOf('doors'), title)
    expect([archived.status, archived.text.includes('This wiki is archived')]).toEqual([410, true])
    await world.ended(await change(id, { serving: 'active' }))
    expect((await visitor().get(hostOf('doors'), title)).status).toBe(200)
  })

  test.each([
    'a"\\ ; WIKI_VISIBILITY=public ; $(id) `id`',
    "'; DROP DATABASE hub; -- ",
    'عربي 🦊 = !',
    '%s $1',
  ])('the name %s is a name, and the namespace of its pages stays', async (asked) => {
    const name = asked.trim()
    const slug = `named-${String(named++)}`
    const id = await made(slug, { visibility: 'private', name: 'The first name' })
    await world.ended(await change(id, { name }))
    const read = '$ini = parse_ini_file($argv[1]); echo json_encode($ini);'
    const { stdout } = await run('php', ['-r', read, join(world.wikisFolder, slug, 'pubwiki.ini')])
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ WIKI_SITE_NAME: name, WIKI_META_NAMESPACE: 'The_first_name', WIKI_VISIBILITY: 'private' },
    })
    expect((await world.stack.store.wikis.get(id)).name).toBe(name)
  })
  let named = 0
})

describe('what cannot be is refused, and nothing changes', () => {
  test('at once: names that no wiki can have, a user nobody knows, a change of nothing, a name for no owner', async () => {
    const id = await made('refused')
    const before = await stateOf(id, 'refused')
    for (const name of ['a\nWIKI_BOOTSTRAPING=true', '<?php', 'Talk', '${HOME}', '[section]']) {
      expect(await refused(id, { name }), name).toMatchObject({ status: 400 })
    }
    expect(await refused(id, { owner_id: 999_999 })).toMatchObject({ status: 404 })
    for (const body of [{}, { owner_name: 'Linus' }, { serving: 'off' }, { visibility: 'secret' }]) {
      expect(await refused(id, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    }
    expect(await stateOf(id, 'refused')).toEqual(before)
    expect(before.row.task_id).toBeNull()
  })

  test('an owner whom the hub does not know', async () => {
    const id = await made('unknown')
    const before = await stateOf(id, 'unknown')
    const { id: stranger } = await world.stack.newMember('Nobody On The Hub')
    const taskId = await change(id, { ...everything(), owner_id: stranger })
    const task = await world.ended(taskId)
    expect(task).toMatchObject({ status: 'failed', code: 'identity_needed' })
    expect(task.message).toContain('Nobody On The Hub')
    await expectUnchanged(id, 'unknown', before, taskId)
    // Known there by another name, they own it.
    await world.ended(await change(id, { owner_id: stranger, owner_name: 'Ada' }))
    expect(await rightsOf('unknown')).toEqual(['Ada: bureaucrat', 'Ada: sysop'])
  })

  test('a second change while one is at work, a change amid a deletion, and of what is gone', async () => {
    const id = await made('busy')
    const stop = host.hold((at) => at.when === 'before' && at.domain === 'busy')
    const taskId = await change(id, { name: 'The one' })
    await stop.reached
    const second = await refused(id, { name: 'The other' })
    expect(second).toMatchObject({ status: 409, body: { code: 'busy', task_id: taskId } })
    stop.letGo()
    await world.ended(taskId)
    expect((await world.stack.store.wikis.get(id)).name).toBe('The one')

    const amid = host.hold((at) => at.when === 'before' && at.domain === 'busy')
    const deletion = await world.ask('DELETE', `/v1/wikis/${String(id)}`)
    await amid.reached
    expect(await refused(id, { name: 'Too late' })).toMatchObject({ status: 409, body: { code: 'busy' } })
    amid.letGo()
    await world.ended(deletion)
    expect(await refused(id, { name: 'Too late' })).toMatchObject({
      ...{ status: 404, body: { code: 'wiki_not_found' } },
    })
  })

  test('settings that an operator wrote, and that know nothing of being archived', async () => {
    const id = await made('old')
    const before = await stateOf(id, 'old')
    const settings = join(world.wikisFolder, 'old/LocalSettings.php')
    await run('sed', ['-i', 's/WIKI_SERVING/WIKI_SOMETHING/', settings])
    const taskId = await change(id, { serving: 'archived' })
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'template_broken' })
    await expectUnchanged(id, 'old', before, taskId)
  })

  test('a folder that cannot be written: the new owner’s rights are taken back, too', async () => {
    const id = await made('sealed')
    const before = await stateOf(id, 'sealed')
    const folder = join(world.wikisFolder, 'sealed')
    await run('mount', ['--bind', folder, folder])
    onTestFinished(async () => {
      await run('umount', ['--lazy', folder]).catch(() => undefined)
    })
    await run('mount', ['-o', 'remount,ro,bind', folder])
    const taskId = await change(id, everything())
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'folder_unwritable' })
    await run('umount', ['--lazy', folder])
    await expectUnchanged(id, 'sealed', before, taskId)
    // And when it can be, another life of the same task does it.
    await world.retry(taskId)
    await eventually(async () => {
      expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'succeeded', run: 2 })
    })
    expect(await world.stack.store.wikis.get(id)).toMatchObject({ owner_id: linus.id, name: 'Another name' })
    expect(await rightsOf('sealed')).toEqual(['Linus: bureaucrat', 'Linus: sysop'])
  })
})

describe('a change is cancelled', () => {
  test('amid the script that gives it away', async () => {
    const id = await made('regretted')
    const before = await stateOf(id, 'regretted')
    await world.scripts.hold('regretted', 'changeOwner')
    const taskId = await change(id, everything())
    await world.scripts.reached('regretted', 'changeOwner')
    await world.cancel(taskId)
    await world.scripts.mend('regretted', 'changeOwner')
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'cancelled' })
    await expectUnchanged(id, 'regretted', before, taskId)
  })

  test.each([
    ['before', 'ChangeSettingsActivity'],
    ['after', 'ChangeOwnerActivity'],
  ] as const)('%s %s, when it was given away already', async (when, activity) => {
    const slug = `given-${when}`
    const id = await made(slug)
    const before = await stateOf(id, slug)
    const stop = host.hold((at) => at.when === when && at.activity === activity && at.domain === slug)
    const taskId = await change(id, everything())
    await stop.reached
    await world.cancel(taskId)
    stop.letGo()
    expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'cancelled' })
    await expectUnchanged(id, slug, before, taskId)
  })
})

test('one that cannot be taken back now keeps the wiki, says so, and is taken back by the sweeper', async () => {
  const id = await made('stuck')
  const before = await stateOf(id, 'stuck')
  const [settings, undoing] = ['ChangeSettingsActivity', 'RollbackMediaWikiTaskActivity'].map((activity) =>
    host.hold((at) => at.when === 'before' && at.activity === activity),
  )
  const taskId = await change(id, everything())
  await settings?.reached
  await world.cancel(taskId)
  settings?.letGo()
  await undoing?.reached
  await world.scripts.fail('stuck', 'changeOwner', 1)
  // What ten minutes in vain come to; here an operator ends them, by Temporal's own means.
  const { raw } = await temporal.workflow.getHandle(taskId).describe()
  const activityId = raw.pendingActivities?.[0]?.activityId ?? ''
  await temporal.activity.fail({ workflowId: taskId, activityId }, ApplicationFailure.nonRetryable('in vain'))
  expect(await world.ended(taskId)).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
  undoing?.letGo()
  expect(await refused(id, { name: 'Meanwhile' })).toMatchObject({ status: 409, body: { code: 'busy' } })
  expect(await rightsOf('stuck')).toEqual(['Linus: bureaucrat', 'Linus: sysop'])
  await world.scripts.mend('stuck', 'changeOwner')
  await eventually(async () => {
    expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ status: 'failed', code: 'fault' })
  })
  await expectUnchanged(id, 'stuck', before, taskId)
})

describe('an outage is waited for, and nothing is done twice', () => {
  const expectDone = async (id: number, slug: string, taskId: string): Promise<void> => {
    const task = await world.ended(taskId)
    expect(task, JSON.stringify(await world.events(taskId))).toMatchObject({ status: 'succeeded', run: 1 })
    const row: WikiRow = await world.stack.store.wikis.get(id)
    expect(row).toMatchObject({
      name: 'Another name',
      owner_id: linus.id,
      serving: 'readonly',
      task_id: null,
    })
    expect(await rightsOf(slug)).toEqual(['Linus: bureaucrat', 'Linus: sysop'])
    const log = await world.sql(`SELECT log_id FROM ${databaseOf(slug)}.logging WHERE log_type = 'rights'`)
    // The founder's, and one for each of the two.
    expect(log).toHaveLength(3)
    expect((await world.residue()).filter((line) => line.includes(taskId))).toEqual([])
  }

  test('MariaDB is away', async () => {
    const id = await made('dry')
    const stop = host.hold((at) => at.when === 'before' && at.domain === 'dry')
    const taskId = await change(id, everything())
    await stop.reached
    await world.stopMariadb()
    stop.letGo()
    await eventually(async () => {
      const events = await world.events(taskId)
      expect(events.some(({ failed_attempt: failed }) => failed !== undefined)).toBe(true)
    })
    await world.startMariadb()
    await expectDone(id, 'dry', taskId)
  })

  test.each([
    ['before', 'ChangeOwnerActivity'],
    ['amid', 'changeOwner'],
    ['after', 'ChangeOwnerActivity'],
    ['before', 'ChangeSettingsActivity'],
    ['after', 'ChangeSettingsActivity'],
  ] as const)('the worker is killed %s %s', async (when, what) => {
    const slug = `killed-${String(killed++)}`
    const id = await made(slug)
    const stop =
      when === 'amid'
        ? undefined
        : host.hold((at) => at.when === when && at.activity === what && at.domain === slug)
    if (stop === undefined) await world.scripts.hold(slug, 'changeOwner')
    const taskId = await change(id, everything())
    await (stop === undefined ? world.scripts.reached(slug, 'changeOwner') : stop.reached)
    await host.kill()
    const again = startHost()
    if (stop === undefined) await world.scripts.mend(slug, 'changeOwner')
    await again
    await expectDone(id, slug, taskId)
    expect(await world.scripts.starts(slug, 'changeOwner')).toBe(1)
  })
  let killed = 0
})

test('a link to sign in is only made where the wiki is, for an owner with an account of the wiki’s own', async () => {
  const hub = await world.stack.store.wikis.byClaim('mediawiki', 'hub')
  const ask = (id: number) => world.stack.call('POST', `/v1/wikis/${String(id)}/first-sign-in`)
  const hubId = hub?.wiki_id ?? 0
  expect(await ask(hubId)).toMatchObject({ status: 200, body: { user: 'Grace' } })
  const child = await ask(await made('childish'))
  expect(child).toMatchObject({ status: 404, body: { code: 'sign_in_not_found' } })
  await world.stopMariadb()
  expect(await ask(hubId)).toMatchObject({ status: 503, body: { code: 'engine_unavailable' } })
  await world.startMariadb()
  await host.stop()
  expect(await ask(hubId)).toMatchObject({ status: 503, body: { code: 'host_away' } })
  await startHost()
  expect(await ask(hubId)).toMatchObject({ status: 200 })
  // Put away, or only to be read, it takes no password.
  await world.ended(await change(hubId, { serving: 'readonly' }))
  expect(await ask(hubId)).toMatchObject({ status: 404, body: { code: 'sign_in_not_found' } })
})

test('and all of them can be removed without a trace', async () => {
  const wikis = (await world.stack.store.wikis.list({ limit: 100 })).filter(
    ({ address }) => address !== 'hub',
  )
  await Promise.all(wikis.map(({ wiki_id: id, address }) => purge(id, address)))
  expect((await world.residue()).filter((line) => !/hub|\.front/.test(line))).toEqual([])

  async function purge(id: number, slug: string): Promise<void> {
    const purged = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(id)}?now=1`))
    expect(purged.status).toBe('succeeded')
    expect(await ends.nameOf(slug)).toBe('free')
  }
})
