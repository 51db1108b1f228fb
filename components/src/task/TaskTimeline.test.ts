// @vitest-environment happy-dom
import type { TaskEvent } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { show } from '../../test/mount.ts'
import { taskPlan } from './task-plan.ts'
import { newTaskView, nextTaskView, type TaskView } from './task-view.ts'
import TaskTimeline from './TaskTimeline.vue'

const plan = taskPlan('create_wiki', 'mediawiki')
const after = (...events: readonly TaskEvent[]): TaskView =>
  events.reduce((view, event, at) => nextTaskView(view, plan, { id: at + 1, event }), newTaskView(plan))
const at = (
  phase: 'dir_copy' | 'db_provision' | 'docker_install' | 'rollback',
  progress: number,
): TaskEvent => ({
  ...{ type: 'progress', status: 'running', progress, phase, message: `Now ${phase}.` },
})
const shown = (view: TaskView, more: Readonly<Record<string, unknown>> = {}) =>
  show(TaskTimeline, { view, connection: 'live', title: 'Creating Ada', ...more })
const states = (timeline: ReturnType<typeof shown>) =>
  timeline.findAll('li').map((item) => /--(\w+)/.exec(item.classes().join(' '))?.[1])

test('what is behind, what is under way and what is to come are told apart', () => {
  const timeline = shown(after(at('dir_copy', 5), at('db_provision', 25)))
  expect(states(timeline)).toEqual(['done', 'waiting', 'running', 'waiting', 'waiting', 'waiting', 'waiting'])
  expect(timeline.get('[aria-current=step]').text()).toContain('Make its database')
  expect(timeline.get('[role=progressbar]').attributes()).toMatchObject({
    'aria-valuenow': '25',
    'aria-label': 'Progress: Creating Ada',
  })
})

test('who waits for their turn sees how far it is, until it has come', () => {
  const waits: TaskEvent = {
    ...{ type: 'progress', status: 'queued', progress: 0, message: 'Creating ada.', place: 7 },
    expected_at: '2026-01-01T10:00:00.000Z',
  }
  const timeline = shown(after(waits))
  expect(timeline.text()).toContain('Number 7 in the queue')
  expect(timeline.text()).toMatch(/Its turn comes at about \d/)
  expect(shown(after(waits, at('dir_copy', 5))).text()).not.toMatch(/queue|turn/)
})

test('what is read out names the phase and never the percent', () => {
  const text = shown(after(at('dir_copy', 5)))
    .get('[role=status]')
    .text()
  expect(text).toBe('Copy the template')
})

test('a failed attempt says why and when the next one is, and a retry need not wait for it', async () => {
  const failed: TaskEvent = {
    ...{ type: 'progress', status: 'running', progress: 25, phase: 'db_provision', message: 'No answer.' },
    failed_attempt: {
      ...{ attempt: 2, code: 'store_unavailable', cause: 'MariaDB does not answer.' },
      next_attempt_at: '2026-01-01T10:00:00.000Z',
    },
  }
  const timeline = shown(after(at('db_provision', 25), failed), { canRetry: true })
  expect(timeline.text()).toContain('Attempt 2 failed.')
  expect(timeline.text()).toContain('MariaDB does not answer.')
  expect(timeline.text()).toMatch(/The next attempt is at \d/)
  await timeline.get('button').trigger('click')
  expect(timeline.emitted('retry')).toHaveLength(1)
})

test('what failed on the way stays to be read after a good end, and each phase says how long it took', () => {
  const failed: TaskEvent = {
    ...{ type: 'progress', status: 'running', progress: 25, phase: 'db_provision', message: 'No answer.' },
    failed_attempt: { attempt: 1, code: 'store_unavailable', cause: 'MariaDB does not answer.' },
  }
  const done: TaskEvent = { type: 'status', status: 'succeeded', wiki_id: 3 }
  const times = [
    { phase: 'dir_copy', began_at: '2026-01-01T10:00:00.000Z', ended_at: '2026-01-01T10:00:00.400Z' },
    { phase: 'db_provision', began_at: '2026-01-01T10:00:01.000Z', ended_at: '2026-01-01T10:00:13.000Z' },
  ]
  const timeline = shown(after(at('dir_copy', 5), failed, at('db_provision', 25), done), { times })
  expect(timeline.get('[role=status]').text()).toBe('Done, after one failed attempt')
  expect(timeline.get('.wf-timeline__attempts').text()).toMatch(
    /^One attempt failed on the way.*Attempt 1 failed\..*MariaDB does not answer\./,
  )
  expect(timeline.findAll('li')[0]?.text()).toContain('0.4 sec')
  expect(timeline.findAll('li')[2]?.text()).toContain('12 sec')
  // A new life has the failures of the one before.
  const again = after(at('dir_copy', 5), failed, { type: 'reset', run: 2, message: '' }, done)
  expect(again.failedAttempts).toHaveLength(1)
})

test('a task that failed shows what happened, what was undone, and another try', async () => {
  const view = after(at('dir_copy', 5), at('docker_install', 40), at('rollback', 40), {
    ...{ type: 'status', status: 'failed', code: 'command_failed', message: 'The installer ended with 1.' },
  })
  const timeline = shown(view, { canRetry: true, canCancel: true })
  expect(states(timeline).slice(0, 5)).toEqual(['undone', 'waiting', 'waiting', 'waiting', 'failed'])
  expect(timeline.text()).toContain('One of MediaWiki’s own scripts failed.')
  expect(timeline.text()).toContain('The installer ended with 1.')
  expect(timeline.text()).toContain('nothing is left behind')
  expect(timeline.findAll('button').map((button) => button.text())).toEqual(['Try again'])
})

test('a rollback that did not end says so', () => {
  const view = after(at('rollback', 40), { type: 'status', status: 'failed', code: 'rollback_incomplete' })
  expect(shown(view).text()).toContain('Not all of what had been made could be undone yet')
})

test('a wiki is offered as soon as it is usable, and not while it is undone', () => {
  const slot = { succeeded: '<a href="/it">Open it</a>' }
  const usable: TaskEvent = {
    ...{
      type: 'progress',
      status: 'running',
      progress: 88,
      message: '',
      phase: 'flip_bootstrap',
      wiki_id: 3,
    },
  }
  const look = (view: TaskView) => show(TaskTimeline, { view, connection: 'live', title: '' }, {}, slot)
  expect(
    look(after(at('dir_copy', 5)))
      .find('a')
      .exists(),
  ).toBe(false)
  expect(look(after(usable)).find('a').exists()).toBe(true)
  expect(
    look(after(usable, at('rollback', 88)))
      .find('a')
      .exists(),
  ).toBe(false)
})

test('output is there for those who want it, and keyboards can scroll it', () => {
  const timeline = shown(
    after({ type: 'log', phase: 'docker_install', stream: 'stderr', line: '<b>Creating tables</b>' }),
  )
  expect(timeline.get('details').attributes('open')).toBeUndefined()
  expect(timeline.get('summary').text()).toBe('Show 1 line of output')
  expect(timeline.get('[role=log]').attributes('tabindex')).toBe('0')
  expect(timeline.get('[role=log]').text()).toBe('<b>Creating tables</b>')
})

test.each(['offline', 'reconnecting'])('%s, it says that the work goes on', (connection) => {
  expect(shown(after(at('dir_copy', 5)), { connection }).text()).toContain('The work goes on')
})
