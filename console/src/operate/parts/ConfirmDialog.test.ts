// @vitest-environment happy-dom
import { FarmApiError } from '@wikistead/components'
import { expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { show } from '../../../test/show.ts'
import ConfirmDialog from './ConfirmDialog.vue'

const dialog = () => document.querySelector('[role=dialog]')
const action = () =>
  [...document.querySelectorAll('button')].find((each) => each.textContent.includes('Do it'))

async function open(more: Readonly<Record<string, unknown>> = {}) {
  const onConfirm = vi.fn()
  await show(ConfirmDialog, {
    props: { open: true, title: 'Really?', action: 'Do it', busy: false, onConfirm, ...more },
  })
  return onConfirm
}

async function type(text: string): Promise<void> {
  const input = dialog()?.querySelector('input')
  if (input == null) throw new Error('there is no field')
  input.value = text
  input.dispatchEvent(new Event('input'))
  await nextTick()
}

test('a word that is wanted has to be typed as it is, and nothing happens before', async () => {
  const confirmed = await open({ word: '7' })
  expect(action()?.disabled).toBe(true)
  await type('70')
  expect(action()?.disabled).toBe(true)
  await type(' 7 ')
  expect(action()?.disabled).toBe(false)
  action()?.click()
  expect(confirmed).toHaveBeenCalledTimes(1)
})

test('without a word it is confirmed by its button, but not twice', async () => {
  expect((await open({ busy: true })).mock.calls).toEqual([])
  expect(action()?.disabled).toBe(true)
})

test('a refusal is said where it was asked', async () => {
  await open({ refused: new FarmApiError({ status: 409, code: 'last_admin' }) })
  expect(dialog()?.textContent).toContain('The farm needs one admin at least.')
})
