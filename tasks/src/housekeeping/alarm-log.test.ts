import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { AlarmLog } from './alarm-log.ts'

test('an alarm is told once, and again only when it was raised again', async () => {
  await using fresh = await freshStore('sqlite')
  const { alarms } = fresh.store
  const told: string[] = []
  const log = new AlarmLog(fresh.store, { error: (_fields, message) => told.push(message) })
  const raise = (subject: string) =>
    alarms.raise({
      code: 'site_ownerless',
      subject,
      message: `${subject} has no owner.`,
      mend: 'Give it one.',
    })

  await raise('a.example.org')
  await log.tell()
  await raise('a.example.org')
  await raise('b.example.org')
  await log.tell()
  expect(told).toEqual(['a.example.org has no owner.', 'b.example.org has no owner.'])

  await alarms.clear('site_ownerless', 'a.example.org')
  await log.tell()
  await raise('a.example.org')
  await log.tell()
  expect(told.slice(2)).toEqual(['a.example.org has no owner.'])
})
