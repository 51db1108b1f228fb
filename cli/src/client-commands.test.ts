import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startFarmGate, type FarmGate } from '@wikistead/test/farm-gate'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli, startCli, type CliOptions } from '../test/run-cli.ts'

const started = new AsyncDisposableStack()
// Each look may be a process.
let farm: FarmForTests
let gate: FarmGate
let stack: Stack

beforeAll(async () => {
  farm = started.use(await startTestFarm())
  gate = started.use(await startFarmGate(farm.url))
  stack = started.use(
    await startStack({
      farmUrl: gate.url,
      settings: {
        'fedwiki-sync-enabled': 'true',
        'fedwiki-sync-interval': '30m',
        'fedwiki-sync-default-user-id': '1',
        'fedwiki-sync-trigger-immediately': 'false',
      },
    }),
  )
})
afterAll(() => started.disposeAsync())

const asAdmin = (): CliOptions => ({ env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token } })
const cli = (...args: readonly string[]) => runCli(args, asAdmin())
const json = (...args: readonly string[]) => cli(...args, '--json')

const aCreation = (method: string, path: string) => method === 'POST' && path === '/plugin/farmmanager/sites'

/** A folder on the farm that makes it answer 409 to a creation. */
async function strangersSite(domain: string): Promise<string> {
  const folder = join(farm.farm.sitesFolder, domain)
  await mkdir(join(folder, 'status'), { recursive: true })
  const owner = { name: 'Stranger', oauth2: { id: 'stranger', username: 'Stranger' } }
  await writeFile(join(folder, 'status/owner.json'), JSON.stringify(owner))
  return folder
}

describe('tasks', () => {
  test('are listed with what they did, and found by each filter', async () => {
    expect(await cli('create', 'tasked')).toMatchObject({ code: 0 })
    const { id: member, token } = await stack.newMember('noa')
    const asNoa = { env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: token } }
    expect(await runCli(['create', 'of-noa'], asNoa)).toMatchObject({ code: 0 })
    expect(await cli('delete', 'tasked', '--yes')).toMatchObject({ code: 0 })

    const { stdout } = await cli('tasks', '--wiki', 'tasked')
    expect(stdout).toMatch(/^ID +TASK +STATUS +ASKED BY +BEGAN +SAYS$/m)
    expect(stdout).toMatch(/^\S+ +delete tasked\.wiki\.localhost +succeeded +Local admin +\d{4}-/m)
    expect(stdout).toMatch(/^\S+ +create tasked\.wiki\.localhost +succeeded +Local admin .*is ready\.$/m)

    const listed = async (...filters: string[]) => {
      const { events, last } = await json('tasks', ...filters)
      expect(last).toMatchObject({ event: 'done', ok: true })
      return events.flatMap(({ event, kind, wiki_name: name }) => (event === 'task' ? [[kind, name]] : []))
    }
    const noas = [['create_wiki', 'of-noa.wiki.localhost']]
    expect(await listed('--user', String(member))).toEqual(noas)
    expect(await listed('--user', String(member), '--kind', 'delete_wiki')).toEqual([])
    expect(await listed('--user', String(member), '--status', 'failed')).toEqual([])
    expect(await listed('--user', String(member), '--since', '1h')).toEqual(noas)
    expect(await listed('--since', '2999-01-01')).toEqual([])
    expect(await listed('--wiki', 'tasked', '--limit', '1')).toEqual([
      ['delete_wiki', 'tasked.wiki.localhost'],
    ])
    expect(await listed('--user', 'me', '--wiki', 'of-noa')).toEqual([])

    const own = await runCli(['tasks', '--json'], asNoa)
    expect(own.events.filter(({ event }) => event === 'task')).toHaveLength(1)
    const others = await runCli(['tasks', '--user', '1', '--json'], asNoa)
    expect(others).toMatchObject({ code: 3, error: { code: 'forbidden' } })
    expect(await cli('tasks', '--since', 'soon')).toMatchObject({ code: 2 })
  })
})

describe('a wiki', () => {
  test('is made, shown, listed, deleted, restored and removed for good, in words', async () => {
    const made = await cli('create', 'ada', '--name', 'Ada’s notes')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const lines = made.stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('  0 %  Creating ada.wiki.localhost.')
    expect(lines).toContain('  5 %  Checking your quota.')
    expect(lines.at(-1)).toBe('ada.wiki.localhost is ready: http://ada.wiki.localhost')

    const shown = await cli('show', 'ada')
    expect(shown.stdout).toMatch(/^name +Ada’s notes$/m)
    expect(shown.stdout).toMatch(/^status +active$/m)
    expect(shown.stdout).toMatch(/^owner +Local admin \(user 1\)$/m)
    const id = /^id +(\d+)$/m.exec(shown.stdout)?.[1] ?? ''
    expect((await cli('show', id)).stdout).toBe(shown.stdout)
    expect((await cli('show', 'ada.wiki.localhost')).stdout).toBe(shown.stdout)
    expect((await cli('list')).stdout).toMatch(/^\d+ +ada\.wiki\.localhost +active +Local admin +http:/m)

    const unasked = await cli('delete', 'ada')
    expect(unasked).toMatchObject({ code: 2, stdout: '' })
    expect(unasked.stderr).toContain('Add --yes')

    const deleted = await cli('delete', 'ada', '--yes')
    expect(deleted.code).toBe(0)
    expect(deleted.stdout).toContain('ada.wiki.localhost is deleted.')
    const until = /It can be restored until (\S+ \S+) UTC: wikistead restore/.exec(deleted.stdout)?.[1] ?? ''
    expect(Date.parse(`${until}Z`)).toBeGreaterThan(Date.now() + 6 * 86_400_000)

    // A second time must not remove it for good, as deleting an archived wiki over HTTP does.
    const again = await cli('delete', 'ada', '--yes')
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('was deleted already')
    expect((await cli('list', '--status', 'archived')).stdout).toContain('ada.wiki.localhost')

    const restored = await cli('restore', 'ada')
    expect(restored.code).toBe(0)
    expect(restored.stdout).toContain('ada.wiki.localhost is back: http://ada.wiki.localhost')

    const suspended = await cli('suspend', 'ada', '--reason', 'Spam.')
    expect(suspended).toMatchObject({ code: 0 })
    expect(suspended.stdout).toContain('ada.wiki.localhost is suspended: Spam.')
    expect((await cli('show', 'ada')).stdout).toMatch(/suspended +\d.*: Spam\./)
    expect((await cli('list')).stdout).toMatch(/ada\.wiki\.localhost +suspended/)
    expect((await cli('audit', '--action', 'suspend')).stdout).toContain('202 (Spam.)')
    expect(await cli('delete', 'ada', '--yes')).toMatchObject({ code: 3 })
    expect((await cli('unsuspend', 'ada')).stdout).toContain('ada.wiki.localhost is not suspended.')
    expect(await cli('suspend', 'ada')).toMatchObject({ code: 2 })

    const removed = await cli('delete', 'ada', '--now', '--yes')
    expect(removed.stdout).toContain('It is gone for good.')
    expect(await cli('restore', 'ada')).toMatchObject({ code: 3 })
  })

  test('is made, listed and deleted with an object a line, the last one the result', async () => {
    const made = await json('create', 'bob', '--owner-name', 'Bob')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout.trimEnd().split('\n')).toHaveLength(made.events.length)
    const [first] = made.events
    const taskId = first?.['task_id']
    expect(first).toMatchObject({ event: 'progress', id: 1, status: 'queued', progress: 0 })
    expect(made.events.at(-2)).toMatchObject({ event: 'status', status: 'succeeded', task_id: taskId })
    expect(made.last).toMatchObject({
      ...{ event: 'done', ok: true, task_id: taskId },
      wiki: { address: 'bob.wiki.localhost', status: 'active', url: 'http://bob.wiki.localhost' },
    })
    const { id } = made.last['wiki'] as { id: number }

    const listed = await json('list', '--mine', '--engine', 'fedwiki', '--status', 'active', '--q', 'bob')
    expect(listed.events).toMatchObject([
      { event: 'wiki', id, address: 'bob.wiki.localhost' },
      { event: 'done', ok: true, count: 1, more: false },
    ])
    expect((await json('show', String(id))).last).toMatchObject({ ok: true, wiki: { id } })
    expect((await json('watch', String(taskId))).events).toEqual([
      ...made.events.slice(0, -1),
      { event: 'done', ok: true, task_id: taskId, wiki_id: id },
    ])

    const deleted = await json('delete', 'bob', '--yes')
    expect(deleted.last).toMatchObject({ event: 'done', ok: true, wiki: { id, status: 'archived' } })
    expect((await json('restore', 'bob')).last).toMatchObject({ ok: true, wiki: { id, status: 'active' } })
  })

  test('of a list comes page by page, and more of them are told of', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) expect((await cli('create', name)).code).toBe(0)
    const some = await json('list', '--q', 'page-', '--limit', '2')
    expect(some.events).toHaveLength(3)
    expect(some.last).toMatchObject({ count: 2, more: true })
    expect((await json('list', '--q', 'page-', '--all')).last).toMatchObject({ count: 3, more: false })
    expect((await cli('list', '--q', 'page-', '--limit', '2')).stdout).toContain('There are more')
    expect((await cli('list', '--q', 'nothing-like-it')).stdout).toBe('No wikis.\n')
  })

  test('that is refused ends with 3, says why and what to do, and nothing on standard output', async () => {
    await cli('create', 'carol')
    const taken = await json('create', 'carol')
    expect(taken).toMatchObject({ code: 3, stdout: '' })
    expect(taken.error).toMatchObject({
      ...{ event: 'error', exit_code: 3, code: 'name_taken' },
      message: 'A site with this name already exists. Please choose a different name.',
    })
    await cli('delete', 'carol', '--yes')
    expect((await cli('create', 'carol')).stderr).toMatch(
      /You deleted carol.*still be restored.*\nBring it back with: wikistead restore \d+\n/,
    )
    expect((await json('create', 'No Name')).error).toMatchObject({ code: 'invalid_domain' })
    expect((await json('create', 'd.example.org', '--custom-domain')).error).toMatchObject({
      code: 'custom_domains_off',
    })
    for (const command of ['show', 'restore', 'delete']) {
      expect(await json(command, 'nobody-made-this')).toMatchObject({
        ...{ code: 3, error: { code: 'wiki_not_found', message: 'There is no wiki nobody-made-this.' } },
      })
    }
  })

  test('may have a name of digits', async () => {
    expect((await json('create', '900900')).code).toBe(0)
    expect((await json('show', '900900')).last).toMatchObject({ wiki: { address: '900900.wiki.localhost' } })
  })
})

describe('a task', () => {
  test('that fails ends the command with 4; retried with its cause away, it ends with 0', async () => {
    const folder = await strangersSite('dora.wiki.localhost')
    const failed = await json('create', 'dora')
    expect(failed).toMatchObject({ code: 4, error: { code: 'farm_conflict', exit_code: 4 } })
    expect(failed.last).toMatchObject({ event: 'status', status: 'failed' })
    const { task_id: taskId } = failed.error as { task_id: string }
    expect(failed.error['next']).toBe(`Try it again with: wikistead retry ${taskId}`)
    expect(await cli('watch', taskId)).toMatchObject({ code: 4 })

    await rm(folder, { recursive: true })
    const retried = await json('retry', taskId)
    expect(retried.code).toBe(0)
    // What was told before is not told again.
    expect(retried.events[0]).toMatchObject({ event: 'reset' })
    expect(retried.last).toMatchObject({ ok: true, task_id: taskId })

    const whole = await cli('watch', taskId)
    expect(whole.code).toBe(0)
    expect(whole.stdout).toContain('A site with this name already exists.')
    expect(whole.stdout).toMatch(/dora\.wiki\.localhost is ready\.\n$/)
    expect(await json('retry', taskId)).toMatchObject({ code: 3, error: { code: 'not_retryable' } })
    expect(await json('cancel', taskId)).toMatchObject({ code: 3, error: { code: 'not_cancellable' } })
  })

  test('is cancelled, and that is how it should end', async () => {
    using held = gate.hold(aCreation)
    await using creating = startCli(['create', 'eve', '--json'], asAdmin())
    await held.arrived
    const { task_id: taskId } = JSON.parse(creating.stdout.split('\n', 1)[0] ?? '') as { task_id: string }
    const cancelling = cli('cancel', taskId)
    const cancelled = await cancelling
    expect(cancelled).toMatchObject({ code: 0, stderr: '' })
    expect(cancelled.stdout).toContain('Cancelled.')
    expect(await creating.ended).toBe(4)
    expect(creating.stderr).toContain('"code":"cancelled"')
    // The name is free again.
    held.release()
    expect((await cli('create', 'eve')).code).toBe(0)
  })

  test('goes on when its watching is interrupted, and the command says how to watch it again', async () => {
    using held = gate.hold(aCreation)
    await using creating = startCli(['create', 'fay'], asAdmin())
    await held.arrived
    await expect.poll(() => creating.stdout).toContain(' 5 %')
    creating.child.kill('SIGINT')
    expect(await creating.ended).toBe(130)
    const taskId = /Watch it again with: wikistead watch (\S+)/.exec(creating.stderr)?.[1] ?? ''
    held.release()
    const watched = await cli('watch', taskId)
    expect(watched.code).toBe(0)
    expect(watched.stdout).toContain('fay.wiki.localhost is ready.')
  })

  test('that nobody has cannot be watched', async () => {
    expect(await json('watch', 'no-such-task')).toMatchObject({ code: 3, error: { code: 'task_not_found' } })
  })
})

describe('on a terminal', () => {
  test('a creation is one line that is redrawn, with a bar', async () => {
    using held = gate.hold(aCreation)
    await using creating = startCli(['create', 'gil'], { ...asAdmin(), terminal: true })
    await held.arrived
    await expect.poll(() => creating.stdout).toMatch(/█+░+ +\d+ %/)
    held.release()
    expect(await creating.ended).toBe(0)
    expect(creating.stdout).toContain('gil.wiki.localhost is ready: http://gil.wiki.localhost')
    expect(creating.stdout).not.toMatch(/^ +\d+ % /m)
  })

  test('a deletion is confirmed by typing the name, and NO_COLOR is respected', async () => {
    const { env = {} } = asAdmin()
    const onTerminal: CliOptions = { env: { ...env, NO_COLOR: '1' }, terminal: true }
    await cli('create', 'hal')
    await using wrong = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => wrong.stdout).toContain('Type its name to go on:')
    wrong.type('yes\n')
    expect(await wrong.ended).toBe(2)
    expect(wrong.stdout).toContain('hal.wiki.localhost was not deleted.')

    await using left = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => left.stdout).toContain('Type its name to go on:')
    left.type('\u0003')
    expect(await left.ended).toBe(2)
    expect((await json('show', 'hal')).last).toMatchObject({ wiki: { status: 'active' } })

    await using right = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => right.stdout).toContain('Type its name to go on:')
    right.type('hal\n')
    expect(await right.ended).toBe(0)
    expect(right.stdout).toContain('hal.wiki.localhost is deleted.')
    // eslint-disable-next-line no-control-regex
    expect(right.stdout).not.toMatch(/\u001b\[3\d/)
  })
})

describe('an operator', () => {
  test('pauses the sync, lets it go on, and runs it', async () => {
    await expect
      .poll(async () => (await json('sync')).last['schedule'])
      .toMatchObject({ enabled: true, interval_seconds: 1800, default_user_id: 1, paused: false })
    const paused = await cli('sync', '--pause', 'the farm moves')
    expect(paused.stdout).toMatch(/^schedule +every 30m, paused$/m)
    expect(paused.stdout).toMatch(/^note +the farm moves$/m)
    const resumed = await json('sync', '--resume', 'it has moved')
    expect(resumed.last).toMatchObject({ ok: true, schedule: { paused: false, note: 'it has moved' } })

    const now = await json('sync', '--now')
    expect(now).toMatchObject({ code: 0, last: { event: 'done', ok: true } })
    expect(now.events.at(-2)).toMatchObject({ event: 'status', status: 'succeeded' })
    const shown = await cli('sync')
    expect(shown.stdout).toMatch(/^last run +succeeded \d{4}-/m)
    expect(shown.stdout).toContain(String(now.last['task_id']))
    expect(await json('sync', '--confirm')).toMatchObject({ code: 3, error: { code: 'nothing_to_confirm' } })
  })

  test('sees an alarm, and clears it', async () => {
    await stack.store.alarms.raise({
      ...{ code: 'task_stuck', subject: 'a-task', message: 'It does not move.', mend: 'Push it.' },
    })
    const shown = await cli('alarms')
    expect(shown.stdout).toMatch(
      /^alarm \d+: task_stuck \(a-task\) since .* UTC\n {2}It does not move\.\n {2}Push it\.\n$/,
    )
    const [alarm] = (await json('alarms')).events
    expect(alarm).toMatchObject({ event: 'alarm', code: 'task_stuck', cleared_at: null })
    expect(await json('alarms', '--clear', String(alarm?.['id']))).toMatchObject({
      ...{ code: 0, last: { ok: true, open: 0 } },
    })
    expect((await cli('alarms')).stdout).toBe('Nothing is wrong.\n')
    expect((await cli('alarms', '--all')).stdout).toContain(', over since ')
    expect(await json('alarms', '--clear', '4711')).toMatchObject({
      code: 3,
      error: { code: 'alarm_not_found' },
    })
  })

  test('makes a user, whose token does what a member may and no more', async () => {
    const added = await json('user', 'add', 'Mia', '--subject', 'sub-of-mia', '--site-limit', '1')
    expect(added).toMatchObject({
      code: 0,
      last: { ok: true, user: { name: 'Mia', role: 'member', site_limit: 1 } },
    })
    expect((await cli('user', 'list')).stdout).toMatch(
      /^\d+ +Mia +member +1 +as configured +sub-of-mia \(bootstrap\)$/m,
    )
    const asMia: CliOptions = {
      env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: String(added.last['token']) },
    }
    expect((await runCli(['create', 'mia'], asMia)).code).toBe(0)
    expect(await runCli(['create', 'mia-too', '--json'], asMia)).toMatchObject({
      ...{ code: 3, error: { code: 'quota_reached', next: 'See yours with: wikistead list --mine' } },
    })
    const { events } = await runCli(['list', '--mine', '--json'], asMia)
    expect(events).toMatchObject([{ address: 'mia.wiki.localhost' }, { count: 1 }])
    for (const args of [['user', 'list'], ['alarms'], ['sync']]) {
      expect(await runCli([...args, '--json'], asMia)).toMatchObject({
        code: 3,
        error: { code: 'forbidden' },
      })
    }
  })
})
