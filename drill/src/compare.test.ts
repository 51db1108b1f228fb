import { expect, test } from 'vitest'
import { compare, type Asked, type Found, type FoundTask } from './compare.ts'

const task = (taskId: string, more: Partial<FoundTask> = {}): FoundTask => ({
  ...{ taskId, status: 'succeeded', ended: true, run: 1, lastSeq: 2, openLedger: 0, workflow: 'COMPLETED' },
  events: [
    { seq: 1, type: 'progress' },
    { seq: 2, type: 'status' },
  ],
  ...more,
})
const row = (engine: string, name: string) => ({ engine, name, status: 'active', claimed: true, busy: false })
const asked: readonly Asked[] = [
  { engine: 'fedwiki', name: 'site', taskId: 'a' },
  { engine: 'mediawiki', name: 'wiki', taskId: 'b' },
]
const well: Found = {
  tasks: [task('a'), task('b')],
  wikis: [row('fedwiki', 'site'), row('mediawiki', 'wiki')],
  ...{ sites: ['site'], folders: ['wiki'], keys: ['wiki'], databases: ['wiki'], running: [], alarms: [] },
}
const told = (found: Partial<Found>, of = asked) =>
  compare(of, { ...well, ...found }).map(({ kind, what }) => `${kind}: ${what}`)

test('nothing is said of what is as it must be', () => {
  expect(told({})).toEqual([])
})

test.each<[string, Partial<Found>, readonly string[]]>([
  ['a row that is gone', { wikis: [row('fedwiki', 'site')] }, ['lost: wiki: its row is gone']],
  ['a site that is gone', { sites: [] }, ['lost: site: its site is gone']],
  ['a folder on two hosts', { folders: ['wiki', 'wiki'] }, ['doubled: wiki: 2 × folder']],
  [
    'a database of nobody',
    { databases: ['wiki', 'other'] },
    ['left over: database other, which nobody asked for'],
  ],
  ['a workflow that runs', { running: ['x'] }, ['stuck: workflow x still runs']],
  [
    'a task that goes on',
    { tasks: [task('a'), task('b', { ended: false, status: 'running' })] },
    ['stuck: wiki: its task is running'],
  ],
  ['a task that is gone', { tasks: [task('a')] }, ['lost: wiki: its task b is not in the store']],
  ['a task more', { tasks: [...well.tasks, task('c')] }, ['doubled: task c, which nobody was told of']],
  [
    'a life that ended twice',
    {
      tasks: [
        task('a', {
          events: [
            { seq: 1, type: 'status' },
            { seq: 2, type: 'status' },
          ],
        }),
        task('b'),
      ],
    },
    ['torn log: site: 1 lives ended 2 times'],
  ],
  [
    'a log with a gap',
    {
      tasks: [
        task('a', {
          events: [
            { seq: 1, type: 'progress' },
            { seq: 3, type: 'status' },
          ],
        }),
        task('b'),
      ],
    },
    ['torn log: site: its events have a gap'],
  ],
  ['an alarm', { alarms: [{ code: 'task_stuck', names: 'a' }] }, ['told: task_stuck: a']],
])('%s is found', (_what, found, expected) => {
  const all = told(found)
  for (const each of expected) expect(all.join('\n')).toContain(each)
})

test('what failed must have left nothing', () => {
  const failed = { tasks: [task('a', { status: 'failed' }), task('b')] }
  expect(told({ ...failed, sites: [], wikis: [row('mediawiki', 'wiki')] })).toEqual([])
  expect(told(failed)).toEqual(['left over: site: its name is still claimed', 'left over: site: its site'])
})

test('what an open alarm names is known', () => {
  const failed = { tasks: [task('a', { status: 'failed' }), task('b')], wikis: [row('mediawiki', 'wiki')] }
  const alarms = [{ code: 'site_ownerless', names: 'site' }]
  expect(told({ ...failed, alarms })).toEqual(['told: site: its site', 'told: site_ownerless: site'])
})

test('what nobody accepted is lost', () => {
  expect(told({}, [...asked, { engine: 'fedwiki', name: 'more', taskId: undefined }])).toEqual([
    'lost: more: was never accepted',
  ])
})
