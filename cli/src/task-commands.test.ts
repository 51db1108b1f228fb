import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aCreation, startClientStack, type ClientStack } from '../test/client-stack.ts'
import { bin, runCli, startCli } from '../test/run-cli.ts'

let on: ClientStack

beforeAll(async () => {
  on = await startClientStack()
})
afterAll(() => on[Symbol.asyncDispose]())

/** A folder on the farm that makes it answer 409 to a creation. */
async function strangersSite(domain: string): Promise<string> {
  const folder = join(on.farm.farm.sitesFolder, domain)
  await mkdir(join(folder, 'status'), { recursive: true })
  const owner = { name: 'Stranger', oauth2: { id: 'stranger', username: 'Stranger' } }
  await writeFile(join(folder, 'status/owner.json'), JSON.stringify(owner))
  return folder
}

describe('tasks', () => {
  test('are listed with what they did, and found by each filter', async () => {
    expect(await on.cli('create', 'tasked')).toMatchObject({ code: 0 })
    const { id: member, token } = await on.stack.newMember('noa')
    const asNoa = { env: { WIKISTEAD_API: on.stack.url, WIKISTEAD_TOKEN: token } }
    expect(await runCli(['create', 'of-noa'], asNoa)).toMatchObject({ code: 0 })
    expect(await on.cli('delete', 'tasked', '--yes')).toMatchObject({ code: 0 })

    const { stdout } = await on.cli('tasks', '--wiki', 'tasked')
    expect(stdout).toMatch(/^ID +TASK +STATUS +ASKED BY +BEGAN +SAYS$/m)
    expect(stdout).toMatch(/^\S+ +delete tasked\.wiki\.localhost +succeeded +Local admin +\d{4}-/m)
    expect(stdout).toMatch(/^\S+ +create tasked\.wiki\.localhost +succeeded +Local admin .*is ready\.$/m)

    const listed = async (...filters: string[]) => {
      const { events, last } = await on.json('tasks', ...filters)
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
    expect(await on.cli('tasks', '--since', 'soon')).toMatchObject({ code: 2 })
  })
})

describe('a task', () => {
  test('that fails ends the command with 4; retried with its cause away, it ends with 0', async () => {
    const folder = await strangersSite('dora.wiki.localhost')
    const failed = await on.json('create', 'dora')
    expect(failed).toMatchObject({ code: 4, error: { code: 'farm_conflict', exit_code: 4 } })
    expect(failed.last).toMatchObject({ event: 'status', status: 'failed' })
    const { task_id: taskId } = failed.error as { task_id: string }
    expect(failed.error['next']).toBe(`Try it again with: ${bin} retry ${taskId} --api ${on.stack.url}`)
    expect(await on.cli('watch', taskId)).toMatchObject({ code: 4 })

    await rm(folder, { recursive: true })
    const retried = await on.json('retry', taskId)
    expect(retried.code).toBe(0)
    // What was told before is not told again.
    expect(retried.events[0]).toMatchObject({ event: 'reset' })
    expect(retried.last).toMatchObject({ ok: true, task_id: taskId })

    const whole = await on.cli('watch', taskId)
    expect(whole.code).toBe(0)
    expect(whole.stdout).toContain('A site with this name already exists.')
    expect(whole.stdout).toMatch(/dora\.wiki\.localhost is ready\.\n$/)
    expect(await on.json('retry', taskId)).toMatchObject({ code: 3, error: { code: 'not_retryable' } })
    expect(await on.json('cancel', taskId)).toMatchObject({ code: 3, error: { code: 'not_cancellable' } })
  })

  test('is cancelled, and that is how it should end', async () => {
    using held = on.gate.hold(aCreation)
    await using creating = startCli(['create', 'eve', '--json'], on.asAdmin())
    await held.arrived
    const { task_id: taskId } = JSON.parse(creating.stdout.split('\n', 1)[0] ?? '') as { task_id: string }
    const cancelling = on.cli('cancel', taskId)
    const cancelled = await cancelling
    expect(cancelled).toMatchObject({ code: 0, stderr: '' })
    expect(cancelled.stdout).toContain('Cancelled.')
    expect(await creating.ended).toBe(4)
    expect(creating.stderr).toContain('"code":"cancelled"')
    // The name is free again.
    held.release()
    expect((await on.cli('create', 'eve')).code).toBe(0)
  })

  test('goes on when its watching is interrupted, and the command says how to watch it again', async () => {
    using held = on.gate.hold(aCreation)
    await using creating = startCli(['create', 'fay'], on.asAdmin())
    await held.arrived
    await expect.poll(() => creating.stdout).toContain(' 5 %')
    creating.child.kill('SIGINT')
    expect(await creating.ended).toBe(130)
    const taskId = /Watch it again with: \S+ watch (\S+)/.exec(creating.stderr)?.[1] ?? ''
    held.release()
    const watched = await on.cli('watch', taskId)
    expect(watched.code).toBe(0)
    expect(watched.stdout).toContain('fay.wiki.localhost is ready.')
  })

  test('that nobody has cannot be watched', async () => {
    expect(await on.json('watch', 'no-such-task')).toMatchObject({
      code: 3,
      error: { code: 'task_not_found' },
    })
  })

  test('has a log of what was told of it until now, also when nobody watches', async () => {
    const made = await on.json('create', 'logged')
    const taskId = String(made.last['task_id'])
    const { code, stdout } = await on.cli('logs', taskId)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Creating logged\.wiki\.localhost\.\n[^]*logged\.wiki\.localhost is ready\.\n$/)
    const told = await on.json('logs', taskId)
    expect(told.events.slice(0, -1)).toEqual(made.events.slice(0, -1))
    for (const unknown of ['no-such-part', '01a206e9-5b5c-7359-9ff5-0d0f8f6b1c0e', '../../etc/passwd']) {
      const refused = await on.json('logs', unknown)
      expect(refused).toMatchObject({ code: 3, stdout: '' })
      expect(['no_such_log', 'task_not_found']).toContain(refused.error['code'])
    }
  })
})
