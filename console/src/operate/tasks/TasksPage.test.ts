// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { refusal, show } from '../../../test/show.ts'
import TasksPage from './TasksPage.vue'

const task = (id: string, name: string, more: object = {}) => ({
  ...{ id, kind: 'change_wiki', engine: 'fedwiki', status: 'failed', phase: null, progress: 0, message: '' },
  ...{ code: 'fault', warning: null, support_url: null, wiki_id: 1, user_id: 1, run: 1, last_event_id: 1 },
  ...{ created_at: '2026-01-01T10:00:00.000Z', updated_at: '2026-01-01T10:00:00.000Z', ended_at: null },
  ...{ change: null, wiki_name: name, user_name: 'Ada' },
  ...more,
})
const tasks = [
  task('b', 'Notes 10', { change: { name: 'Diary' } }),
  task('a', 'Notes 9'),
  task('c', 'Zoo', { status: 'succeeded', code: null }),
]
const shown = () =>
  show(TasksPage, {
    path: '/operate/tasks',
    answers: (method, path) => {
      if (method === 'POST' && path.includes('/a/')) return refusal(409, 'not_retryable')
      return method === 'POST' ? { task_id: 'b' } : { tasks, next_cursor: null }
    },
  })

test('a column sorts by its button, and says so', async () => {
  const { page, settled } = await shown()
  await settled()
  const names = () => page.findAll('th[role=rowheader]').map((cell) => cell.text().split(' The wiki')[0])
  expect(names()[0]).toContain('Changing Notes 10: renamed to Diary')
  const column = page.findAll('th[role=columnheader]')[1]
  expect(column?.attributes('aria-sort')).toBe('none')
  await column?.get('button').trigger('click')
  expect(column?.attributes('aria-sort')).toBe('ascending')
  expect(names().map((name) => /Notes \d+|Zoo/.exec(name ?? '')?.[0])).toEqual(['Notes 9', 'Notes 10', 'Zoo'])
  await column?.get('button').trigger('click')
  expect(column?.attributes('aria-sort')).toBe('descending')
})

test('several are tried again after one question that names how many, and each says what came of it', async () => {
  const { page, asked, settled } = await shown()
  await settled()
  for (const box of page.findAll('input[type=checkbox]')) await box.setValue(true)
  const button = page.findAll('button').find((one) => one.text() === 'Try again (2 chosen)')
  await button?.trigger('click')
  await settled()
  const dialog = document.querySelector('[role=dialog]')
  expect(dialog?.textContent).toContain('Try 2 tasks again?')
  const confirm = [...(dialog?.querySelectorAll('button') ?? [])].find(
    (one) => one.textContent?.trim() === 'Try again',
  )
  confirm?.click()
  await settled()
  await settled()
  expect(asked.filter(([method]) => method === 'POST').map(([, path]) => path)).toEqual([
    '/v1/tasks/b/retry',
    '/v1/tasks/a/retry',
  ])
  expect(page.text()).toContain('Done for 1 of 2.')
  expect(page.text()).toContain('Changing Notes 9: This task cannot be tried again.')
})
