// @vitest-environment happy-dom
import type { AuditEntry } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { show } from '../../../test/show.ts'
import AuditSentence from './AuditSentence.vue'

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  ...{ id: 1, at: new Date().toISOString(), actor: { id: 7, name: 'Ada' }, by: 'session' },
  ...{ action: 'POST /v1/wikis', subject: 'wiki/12', subject_name: 'Notes', status: 202, code: null },
  ...{ request_id: 'r', address: null, reason: null },
  ...more,
})
const shown = async (more: Partial<AuditEntry> = {}) => {
  const { page } = await show(AuditSentence, { props: { entry: entry(more) } })
  return { text: page.text(), links: page.findAll('a').map((link) => link.attributes('href')) }
}

test('who did what to which wiki is a sentence, and both lead to their pages', async () => {
  expect(await shown()).toEqual({ text: 'Ada created Notes', links: ['/operate/users/7', '/wikis/12'] })
})

test('what was refused is told as that', async () => {
  expect((await shown({ status: 409, subject: '', subject_name: null })).text).toBe(
    'Ada tried to create something',
  )
})

test('nobody known, names that are like the places they stand in, and words that nobody has put into one', async () => {
  expect((await shown({ actor: null, action: 'sign_in', status: 401 })).text).toBe(
    'Somebody unknown tried to sign in',
  )
  const odd = { actor: { id: 7, name: '$2 {{PLURAL:$3|<b>}}' }, subject_name: '$1' }
  expect((await shown(odd)).text).toBe('$2 {{PLURAL:$3|<b>}} created $1')
  expect((await shown({ action: 'POST /v9/things' })).text).toBe('Ada: POST /v9/things')
  expect(
    (await shown({ action: 'PATCH /v1/hosts/:host', subject: 'host/blue', subject_name: null })).text,
  ).toBe('Ada changed the host blue')
})
