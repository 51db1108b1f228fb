import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClientStack, type ClientStack } from '../test/client-stack.ts'

let on: ClientStack

beforeAll(async () => {
  on = await startClientStack()
})
afterAll(() => on[Symbol.asyncDispose]())

describe('a wiki', () => {
  test('is made, shown, listed, deleted, restored and removed for good, in words', async () => {
    const made = await on.cli('create', 'ada', '--name', 'Ada’s notes')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const lines = made.stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('  0 %  Creating ada.wiki.localhost.')
    expect(lines).toContain('  5 %  Checking your quota.')
    expect(lines.at(-1)).toBe('ada.wiki.localhost is ready: http://ada.wiki.localhost')

    const shown = await on.cli('show', 'ada')
    expect(shown.stdout).toMatch(/^name +Ada’s notes$/m)
    expect(shown.stdout).toMatch(/^status +active$/m)
    expect(shown.stdout).toMatch(/^owner +Local admin \(user 1\)$/m)
    const id = /^id +(\d+)$/m.exec(shown.stdout)?.[1] ?? ''
    expect((await on.cli('show', id)).stdout).toBe(shown.stdout)
    expect((await on.cli('show', 'ada.wiki.localhost')).stdout).toBe(shown.stdout)
    expect((await on.cli('list')).stdout).toMatch(
      /^\d+ +Ada’s notes +fedwiki +Local admin +active +http:\/\/ada\.wiki\.localhost$/m,
    )

    const unasked = await on.cli('delete', 'ada')
    expect(unasked).toMatchObject({ code: 2, stdout: '' })
    expect(unasked.stderr).toContain('Add --yes')

    const deleted = await on.cli('delete', 'ada', '--yes')
    expect(deleted.code).toBe(0)
    expect(deleted.stdout).toContain('ada.wiki.localhost is deleted.')
    const until = /It can be restored until (\S+ \S+) UTC: \S+ restore/.exec(deleted.stdout)?.[1] ?? ''
    expect(Date.parse(`${until}Z`)).toBeGreaterThan(Date.now() + 6 * 86_400_000)

    // A second time must not remove it for good, as deleting an archived wiki over HTTP does.
    const again = await on.cli('delete', 'ada', '--yes')
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout).toContain('was deleted already')
    expect((await on.cli('list', '--status', 'archived')).stdout).toContain('ada.wiki.localhost')

    const restored = await on.cli('restore', 'ada')
    expect(restored.code).toBe(0)
    expect(restored.stdout).toContain('ada.wiki.localhost is back: http://ada.wiki.localhost')

    const suspended = await on.cli('suspend', 'ada', '--reason', 'Spam.')
    expect(suspended).toMatchObject({ code: 0 })
    expect(suspended.stdout).toContain('ada.wiki.localhost is suspended: Spam.')
    expect((await on.cli('show', 'ada')).stdout).toMatch(/suspended +\d.*: Spam\./)
    expect((await on.cli('list')).stdout).toMatch(/ suspended +http:\/\/ada\.wiki\.localhost$/m)
    expect((await on.cli('audit', '--action', 'suspend')).stdout).toContain('202 (Spam.)')
    expect(await on.cli('delete', 'ada', '--yes')).toMatchObject({ code: 3 })
    expect((await on.cli('unsuspend', 'ada')).stdout).toContain('ada.wiki.localhost is not suspended.')
    expect(await on.cli('suspend', 'ada')).toMatchObject({ code: 2 })

    const removed = await on.cli('delete', 'ada', '--now', '--yes')
    expect(removed.stdout).toContain('It is gone for good.')
    expect(await on.cli('restore', 'ada')).toMatchObject({ code: 3 })
  })

  test('is made, listed and deleted with an object a line, the last one the result', async () => {
    const made = await on.json('create', 'bob', '--owner-name', 'Bob')
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

    const listed = await on.json('list', '--mine', '--engine', 'fedwiki', '--status', 'active', '--q', 'bob')
    expect(listed.events).toMatchObject([
      { event: 'wiki', id, address: 'bob.wiki.localhost' },
      { event: 'done', ok: true, count: 1, more: false },
    ])
    expect((await on.json('show', String(id))).last).toMatchObject({ ok: true, wiki: { id } })
    expect((await on.json('watch', String(taskId))).events).toEqual([
      ...made.events.slice(0, -1),
      { event: 'done', ok: true, task_id: taskId, wiki_id: id },
    ])

    const deleted = await on.json('delete', 'bob', '--yes')
    expect(deleted.last).toMatchObject({ event: 'done', ok: true, wiki: { id, status: 'archived' } })
    expect((await on.json('restore', 'bob')).last).toMatchObject({ ok: true, wiki: { id, status: 'active' } })
  })

  test('of a list comes page by page, and more of them are told of', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) expect((await on.cli('create', name)).code).toBe(0)
    const some = await on.json('list', '--q', 'page-', '--limit', '2')
    expect(some.events).toHaveLength(3)
    expect(some.last).toMatchObject({ count: 2, more: true })
    expect((await on.json('list', '--q', 'page-', '--all')).last).toMatchObject({ count: 3, more: false })
    expect((await on.cli('list', '--q', 'page-', '--limit', '2')).stdout).toContain('There are more')
    expect((await on.cli('list', '--q', 'nothing-like-it')).stdout).toBe('No wikis.\n')
  })

  test('that is refused ends with 3, says why and what to do, and nothing on standard output', async () => {
    await on.cli('create', 'carol')
    const taken = await on.json('create', 'carol')
    expect(taken).toMatchObject({ code: 3, stdout: '' })
    expect(taken.error).toMatchObject({
      ...{ event: 'error', exit_code: 3, code: 'name_taken' },
      message: 'A site with this name already exists. Please choose a different name.',
    })
    await on.cli('delete', 'carol', '--yes')
    expect((await on.cli('create', 'carol')).stderr).toMatch(
      /You deleted carol.*still be restored.*\nBring it back with: \S+ restore \d+ --api \S+\n/,
    )
    expect((await on.json('create', 'No Name')).error).toMatchObject({ code: 'invalid_domain' })
    expect((await on.json('create', 'd.example.org', '--custom-domain')).error).toMatchObject({
      code: 'custom_domains_off',
    })
    for (const command of ['show', 'restore', 'delete']) {
      expect(await on.json(command, 'nobody-made-this')).toMatchObject({
        ...{ code: 3, error: { code: 'wiki_not_found', message: 'There is no wiki nobody-made-this.' } },
      })
    }
  })

  test('may have a name of digits', async () => {
    expect((await on.json('create', '900900')).code).toBe(0)
    expect((await on.json('show', '900900')).last).toMatchObject({
      wiki: { address: '900900.wiki.localhost' },
    })
  })

  test('is opened where there is a desktop, and else its address is told', async () => {
    expect((await on.cli('create', 'shown-off')).code).toBe(0)
    const opened = await on.json('open', 'shown-off')
    expect(opened).toMatchObject({ code: 0, last: { url: 'http://shown-off.wiki.localhost', opened: false } })
    expect((await on.cli('open', 'shown-off')).stdout).toBe('http://shown-off.wiki.localhost\n')
    expect(await on.json('open', 'no-such')).toMatchObject({ code: 3, error: { code: 'wiki_not_found' } })
  })

  test('that one engine has is not looked for among those of the other', async () => {
    expect((await on.cli('create', 'of-fedwiki')).code).toBe(0)
    const { code, stderr } = await on.cli('first-sign-in', 'of-fedwiki')
    expect([code, stderr.split('\n')[0]]).toEqual([3, 'There is no MediaWiki wiki of-fedwiki.'])
  })
})
