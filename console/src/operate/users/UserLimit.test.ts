// @vitest-environment happy-dom
import { FarmApiError } from '@wikistead/components'
import { expect, test, vi } from 'vitest'
import { show } from '../../../test/show.ts'
import UserLimit from './UserLimit.vue'

type Save = (limit: number | null) => Promise<unknown>

async function shown(own: number | null, save = vi.fn<Save>().mockResolvedValue(undefined)) {
  const { page, settled } = await show(UserLimit, {
    props: { engine: 'fedwiki', used: 2, limit: own ?? 10, own, save },
  })
  const choose = (which: 'farm' | 'own') => page.findAll('[type=radio]')[which === 'farm' ? 0 : 1]?.setValue()
  const send = async () => {
    await page.get('form').trigger('submit')
    await settled()
  }
  return { page, save, choose, send, button: () => page.get('button').element.disabled }
}

test('nothing is saved that is as it was', async () => {
  const { button, send, save } = await shown(5)
  expect(button()).toBe(true)
  await send()
  expect(save).not.toHaveBeenCalled()
})

test.each([
  ['0', 0],
  [' 12 ', 12],
  ['100000', 100_000],
])('a limit of %s is saved', async (typed, saved) => {
  const { page, choose, send, save } = await shown(null)
  await choose('own')
  await page.get('input:not([type=radio])').setValue(typed)
  await send()
  expect(save.mock.calls).toEqual([[saved]])
  expect(page.text()).toContain('Saved.')
})

test.each(['', '-1', '1.5', 'many', '100001'])('a limit of “%s” is none, and that is said', async (typed) => {
  const { page, choose, send, save } = await shown(null)
  await choose('own')
  await page.get('input:not([type=radio])').setValue(typed)
  await send()
  expect(page.get('[role=alert]').text()).toContain('between 0 and 100,000')
  expect(save).not.toHaveBeenCalled()
})

test('the farm’s own limit is null', async () => {
  const { choose, send, save } = await shown(5)
  await choose('farm')
  await send()
  expect(save.mock.calls).toEqual([[null]])
})

test('a refusal is said', async () => {
  const refused = vi.fn<Save>().mockRejectedValue(new FarmApiError({ status: 403, code: 'forbidden' }))
  const { page, choose, send } = await shown(5, refused)
  await choose('farm')
  await send()
  expect(page.text()).toContain('You may not do this.')
  expect(page.text()).not.toContain('Saved.')
})
