import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClientStack, type ClientStack } from '../test/client-stack.ts'
import { bin, runCli, type CliOptions } from '../test/run-cli.ts'

let on: ClientStack

beforeAll(async () => {
  on = await startClientStack()
})
afterAll(() => on[Symbol.asyncDispose]())

describe('an operator', () => {
  test('pauses the sync, lets it go on, and runs it', async () => {
    await expect
      .poll(async () => (await on.json('sync')).last['schedule'])
      .toMatchObject({ enabled: true, interval_seconds: 1800, default_user_id: 1, paused: false })
    const paused = await on.cli('sync', '--pause', 'the farm moves')
    expect(paused.stdout).toMatch(/^schedule +every 30m, paused$/m)
    expect(paused.stdout).toMatch(/^note +the farm moves$/m)
    const resumed = await on.json('sync', '--resume', 'it has moved')
    expect(resumed.last).toMatchObject({ ok: true, schedule: { paused: false, note: 'it has moved' } })

    const now = await on.json('sync', '--now')
    expect(now).toMatchObject({ code: 0, last: { event: 'done', ok: true } })
    expect(now.events.at(-2)).toMatchObject({ event: 'status', status: 'succeeded' })
    const shown = await on.cli('sync')
    expect(shown.stdout).toMatch(/^last run +succeeded \d{4}-/m)
    expect(shown.stdout).toContain(String(now.last['task_id']))
    expect(await on.json('sync', '--confirm')).toMatchObject({
      code: 3,
      error: { code: 'nothing_to_confirm' },
    })
  })

  test('sees the state of everything at a glance, and a member sees less', async () => {
    const shown = await on.cli('status')
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^Wikistead \d+\.\d+\.\d+ at http:.*: ready$/m)
    expect(shown.stdout).toMatch(/^ {2}store +up +sqlite$/m)
    expect(shown.stdout).toMatch(/^Tasks under way: \d+$/m)
    const { token } = await on.stack.newMember('sees-less')
    const asMember: CliOptions = { env: { WIKISTEAD_API: on.stack.url, WIKISTEAD_TOKEN: token } }
    const less = await runCli(['status', '--json'], asMember)
    expect(less).toMatchObject({ code: 0, last: { ok: true, status: 'ready' } })
    expect(less.last).not.toHaveProperty('alarms')
  })

  test('sees an alarm, and clears it', async () => {
    await on.stack.store.alarms.raise({
      // Nobody but an operator clears one of these.
      ...{ code: 'temporal_replaced', subject: 'elsewhere', message: 'It is another.' },
      mend: 'Clear this with `wikistead alarms --clear ID`.',
    })
    const shown = await on.cli('alarms')
    expect(shown.stdout).toMatch(
      /^alarm (\d+): temporal_replaced \(elsewhere\) since .* UTC\n {2}It is another\.\n {2}Clear this with `\S+ alarms --clear \1 --api \S+`\.\n$/,
    )
    const [alarm] = (await on.json('alarms')).events
    expect(alarm).toMatchObject({ event: 'alarm', code: 'temporal_replaced', cleared_at: null })
    expect(await on.json('alarms', '--clear', String(alarm?.['id']))).toMatchObject({
      ...{ code: 0, last: { ok: true, open: 0 } },
    })
    expect((await on.cli('alarms')).stdout).toBe('Nothing is wrong.\n')
    expect((await on.cli('alarms', '--all')).stdout).toContain(', over since ')
    expect(await on.json('alarms', '--clear', '4711')).toMatchObject({
      code: 3,
      error: { code: 'alarm_not_found' },
    })
  })

  test('makes a user, whose token does what a member may and no more', async () => {
    const added = await on.json('user', 'add', 'Mia', '--subject', 'sub-of-mia', '--site-limit', '1')
    expect(added).toMatchObject({
      code: 0,
      last: { ok: true, user: { name: 'Mia', role: 'member', site_limit: 1 } },
    })
    expect((await on.cli('user', 'list')).stdout).toMatch(
      /^\d+ +Mia +member +1 +as configured +sub-of-mia \(bootstrap\)$/m,
    )
    const asMia: CliOptions = {
      env: { WIKISTEAD_API: on.stack.url, WIKISTEAD_TOKEN: String(added.last['token']) },
    }
    expect((await runCli(['create', 'mia'], asMia)).code).toBe(0)
    expect(await runCli(['create', 'mia-too', '--json'], asMia)).toMatchObject({
      ...{
        code: 3,
        error: { code: 'quota_reached', next: `See yours with: ${bin} list --mine --api ${on.stack.url}` },
      },
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
