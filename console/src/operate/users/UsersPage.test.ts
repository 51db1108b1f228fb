// @vitest-environment happy-dom
/** A page of a long list, and how it is turned and filtered; all such pages are made of the same parts. */
import type { User } from '@wikistead/contracts'
import { expect, test, vi } from 'vitest'
import { refusal, show, type Answers } from '../../../test/show.ts'
import UsersPage from './UsersPage.vue'

const user = (id: number): User => ({
  ...{ id, name: `User ${String(id)}`, role: 'member', site_limit: null, wiki_limit: null },
  ...{ blocked: false, identities: [{ issuer: 'test', subject: `sub-${String(id)}` }] },
})
/** Six users, two a page; the cursor is the last one seen. */
const six: Answers = (_method, path) => {
  const { searchParams } = new URL(path, 'http://farm.test')
  const after = Number(searchParams.get('cursor') ?? 0)
  const all = [1, 2, 3, 4, 5, 6].filter((id) => `User ${String(id)}`.includes(searchParams.get('q') ?? ''))
  const users = all.filter((id) => id > after).slice(0, 2)
  const last = users.at(-1)
  return {
    users: users.map(user),
    next_cursor: last === undefined || last === all.at(-1) ? null : String(last),
  }
}
const opened = async (path = '/operate/users', answers = six) => {
  const shown = await show(UsersPage, { path, answers })
  const names = () => shown.page.findAll('[role=rowheader] a').map((link) => link.text())
  const press = async (name: string) => {
    await shown.page
      .findAll('button')
      .find((button) => button.text() === name)
      ?.trigger('click')
    await shown.settled()
  }
  return { ...shown, names, press }
}

test('pages are turned there and back, and the address says which one it is', async () => {
  const { names, press, router, page } = await opened()
  expect(names()).toEqual(['User 1', 'User 2'])
  await press('Next')
  await press('Next')
  expect(names()).toEqual(['User 5', 'User 6'])
  expect(router.currentRoute.value.query).toEqual({ from: '4', page: '3' })
  expect(page.get('[role=status]').text()).toBe('Page 3: 2 entries')
  await press('Next')
  expect(names()).toEqual(['User 5', 'User 6'])
  await press('Previous')
  expect(names()).toEqual(['User 3', 'User 4'])
  await press('Previous')
  expect(names()).toEqual(['User 1', 'User 2'])
})

test('a page in the middle that was opened by its address leads back to the first one', async () => {
  const { names, press } = await opened('/operate/users?from=4&page=3')
  expect(names()).toEqual(['User 5', 'User 6'])
  await press('Previous')
  expect(names()).toEqual(['User 1', 'User 2'])
})

test('what is looked for is asked of the server once the typing pauses, and begins at the first page', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { page, names, asked, router, settled } = await opened('/operate/users?from=2&page=2')
    for (const text of ['U', 'User', 'User 5']) await page.get('input').setValue(text)
    expect(asked).toHaveLength(1)
    vi.advanceTimersByTime(300)
    await settled()
    expect(asked.map(([, path]) => path)).toEqual([
      '/v1/users?cursor=2&limit=50',
      '/v1/users?q=User+5&limit=50',
    ])
    expect(router.currentRoute.value.query).toEqual({ q: 'User 5' })
    expect(names()).toEqual(['User 5'])
  } finally {
    vi.useRealTimers()
  }
})

test('what matches nothing says so, and shows all again', async () => {
  const { page, names, press } = await opened('/operate/users?q=nobody')
  expect(page.text()).toContain('Nothing matches.')
  await press('Show all')
  expect(names()).toEqual(['User 1', 'User 2'])
})

test('an answer that comes too late does not replace a newer one', async () => {
  let slow: (answer: unknown) => void = () => undefined
  const { router, names, settled } = await opened('/operate/users?q=1', (method, path) =>
    path.includes('q=2') ? new Promise((resolve) => (slow = resolve)) : six(method, path),
  )
  await router.replace('/operate/users?q=2')
  await router.replace('/operate/users?q=3')
  await settled()
  slow({ users: [user(2)], next_cursor: null })
  await settled()
  expect(names()).toEqual(['User 3'])
})

test('what cannot be answered says why, keeps what was there, and is asked again on demand', async () => {
  let ill = false
  const { page, names, press, router, settled } = await opened('/operate/users', (method, path) =>
    ill ? refusal(503, 'store_unavailable') : six(method, path),
  )
  ill = true
  await router.replace('/operate/users?q=5')
  await settled()
  expect(page.text()).toContain('Our own database did not answer.')
  expect(names()).toEqual(['User 1', 'User 2'])
  ill = false
  await press('Try again')
  expect(names()).toEqual(['User 5'])
  expect(page.text()).not.toContain('did not answer')
})
