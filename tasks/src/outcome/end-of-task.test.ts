import { everyOperation, operationOf, type RefusalCode } from '@wikistead/contracts'
import type { LedgerRow, TaskRow, WikiRow } from '@wikistead/store'
import { describe, expect, test } from 'vitest'
import { endOfTask, type TaskAtItsEnd } from './end-of-task.ts'

const hourMs = 3_600_000
const now = 1_800_000_000_000
const outcome = (code: RefusalCode = 'engine_unavailable') => ({ code, message: 'It could not be finished.' })
const line = { step: 'dir_copy', detail: '{"slug":"ada"}', state: 'made' } as LedgerRow

type Row = (typeof everyOperation)[number]
type Asked = Pick<Row, 'kind' | 'engine'> & { readonly meanwhile?: Row['meanwhile'] | undefined }

function at(
  { kind, engine, meanwhile }: Asked,
  more: Partial<TaskAtItsEnd> = {},
  purgeAfter: number | null = null,
): TaskAtItsEnd {
  const hasWiki = meanwhile !== undefined
  const task = { task_id: 't', kind, engine, wiki_id: hasWiki ? 7 : null, support_url: null } as TaskRow
  const wiki = { wiki_id: 7, task_id: 't', address: 'ada', status: meanwhile, purge_after: purgeAfter }
  return {
    ...{
      task,
      wiki: hasWiki ? (wiki as WikiRow) : undefined,
      isPastNoReturn: false,
      open: [],
      found: 'as_before',
    },
    ...{ failedPurges: 0, now, ...more },
  }
}

describe.each(everyOperation)('$kind of $engine', (operation) => {
  test('past its point of no return nothing is taken back, whatever else stands in the ledger', () => {
    for (const code of ['host_away', 'cancelled', 'fault', 'terminated'] as const) {
      const end = endOfTask(
        at(operation, { isPastNoReturn: true, open: [line], found: 'gone' }),
        outcome(code),
      )
      expect(end).toMatchObject({ closed: 'kept', event: { status: 'succeeded' } })
      const lacksIndex =
        operation.kind === 'create_wiki' && operation.engine === 'mediawiki' && code !== 'cancelled'
      expect(end.alarms.map((alarm) => alarm.code)).toEqual(lacksIndex ? ['index_failed'] : [])
      expect(end.wiki).toEqual({ letGo: true })
    }
  })

  test('what is still to be taken back keeps the wiki as it is, and raises an alarm', () => {
    const end = endOfTask(at(operation, { open: [line] }), outcome())
    expect(end).toMatchObject({ closed: 'part', event: { status: 'failed', code: 'rollback_incomplete' } })
    expect(end.wiki).toBeUndefined()
    expect(end.alarms).toMatchObject([{ code: 'rollback_incomplete', subject: 't' }])
    expect(end.alarms[0]?.message).toContain('dir_copy {"slug":"ada"}')
  })

  test('with nothing left it fails as what ended it, and the wiki is as before', () => {
    const end = endOfTask(at(operation), outcome())
    expect(end).toMatchObject({
      closed: 'nothing_left',
      event: { status: 'failed', code: 'engine_unavailable' },
    })
    const { failed } = operation
    if (failed === undefined) expect(end.wiki).toBeUndefined()
    else if (failed === 'failed') expect(end.wiki).toEqual({ released: 'failed' })
    else
      expect(end.wiki).toEqual({
        letGo: true,
        change: { status: failed === 'as_before' ? 'active' : failed },
      })
  })
})

test('a name is never let go of while something of it may be there', () => {
  for (const operation of everyOperation) {
    const { wiki } = endOfTask(at(operation, { open: [line] }), outcome('terminated'))
    expect(wiki).toBeUndefined()
  }
})

test('a wiki that was found gone is deleted, and no sentence says that nothing was changed', () => {
  const change = { kind: 'change_wiki', engine: 'fedwiki', meanwhile: 'changing' } as const
  const end = endOfTask(at(change, { found: 'gone' }), outcome('farm_unavailable'))
  expect(end.wiki).toEqual({ released: 'deleted' })
  expect(end.event.message).toBe('It failed, and the site is no longer on the farm.')
  const refused = endOfTask(at(change, { found: 'gone' }), outcome('owner_change_unsupported'))
  expect(refused.event.message).toBe('It could not be finished.')
})

test('a removal that fails rests an hour, then ever longer, a day at most, and an operator hears of it', () => {
  const purge = {
    ...operationOf('purge_wiki', 'mediawiki'),
    kind: 'purge_wiki',
    engine: 'mediawiki',
  } as const
  const rests = [0, 1, 2, 3, 4, 5, 50].map((failedPurges) => {
    const end = endOfTask(at(purge, { failedPurges }, now - 1), outcome('host_away'))
    expect(end.alarms).toMatchObject([{ code: 'purge_failed', subject: 'ada' }])
    expect(end.wiki).toMatchObject({ letGo: true, change: { status: 'archived' } })
    const change = end.wiki !== undefined && 'change' in end.wiki ? end.wiki.change : undefined
    return ((change?.purge_after ?? 0) - now) / hourMs
  })
  expect(rests).toEqual([1, 2, 4, 8, 16, 24, 24])
})

test('a person’s own removal of a wiki that stands leaves it standing, and nobody else is told', () => {
  const purge = { kind: 'purge_wiki', engine: 'mediawiki', meanwhile: 'purging' } as const
  const end = endOfTask(at(purge), outcome('host_away'))
  expect(end).toMatchObject({ wiki: { letGo: true, change: { status: 'active' } }, alarms: [] })
})

test('whoever finds that our credentials are refused, or that a sync failed, tells an operator', () => {
  const sync = { kind: 'sync_sites', engine: 'fedwiki', meanwhile: undefined } as const
  const codes = (code: RefusalCode) => endOfTask(at(sync), outcome(code)).alarms.map((alarm) => alarm.code)
  expect(codes('farm_forbidden')).toEqual(['farm_credentials'])
  expect(codes('terminated')).toEqual(['sync_failed'])
  expect(codes('cancelled')).toEqual([])
  expect(codes('sync_untrusted')).toEqual([])
})
