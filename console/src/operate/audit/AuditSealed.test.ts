// @vitest-environment happy-dom
import type { AuditSeals } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { refusal, show } from '../../../test/show.ts'
import AuditSealed from './AuditSealed.vue'

const now = new Date().toISOString()
const seals = (more: Partial<AuditSeals> = {}): AuditSeals => ({
  head: { seal: 7, hash: 'h', at: now, up_to: 41 },
  unsealed: { count: 2, since: now },
  checked: { at: now, seal: 7, findings: 0 },
  ...more,
})
const shown = async (answer: AuditSeals | Response) => {
  const { page, settled } = await show(AuditSealed, { answers: () => answer })
  await settled()
  return { text: page.text(), links: page.findAll('a').map((link) => link.attributes('href')) }
}

test('a log that is sealed and whole says up to where', async () => {
  const { text, links } = await shown(seals())
  expect(text).toContain('Sealed up to entry 41 (seal 7, ')
  expect(text).toContain('it was what was sealed.')
  expect(text).not.toContain('no worker')
  expect(links).toEqual([])
})

test('one that was changed leads to the alarms', async () => {
  const { text, links } = await shown(seals({ checked: { at: now, seal: 7, findings: 3 } }))
  expect(text).toContain('it was not what was sealed')
  expect(links).toEqual(['/operate/alarms'])
})

test('what nobody seals is told; what is not known is not', async () => {
  const since = new Date(Date.now() - 3_600_000).toISOString()
  const unsealed = { count: 2, since }
  expect((await shown(seals({ unsealed }))).text).toContain('is not sealed: no worker keeps house.')
  expect((await shown(seals({ head: null, unsealed, checked: null }))).text).toMatch(
    /^Nothing is sealed yet\./,
  )
  expect((await shown(refusal(503, 'store_unavailable'))).text).toBe('')
})
