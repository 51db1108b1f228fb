// @vitest-environment happy-dom
import { eventually } from '@wikistead/test/eventually'
import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { show } from '../../test/mount.ts'
import LanguageField from './LanguageField.vue'

enableAutoUnmount(afterEach)

const languages = Array.from({ length: 40 }, (_, at) => ({
  code: `l${String(at)}`,
  name: `Language ${String(at)}`,
}))
let frames: FrameRequestCallback[]

beforeEach(() => {
  frames = []
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback))
  // No layout here: every list is longer than its box.
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockReturnValue(1_000)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** All that was asked for until now; then what comes right after a frame. */
async function passFrame(): Promise<void> {
  for (const callback of frames.splice(0)) callback(0)
  await new Promise((resolve) => setTimeout(resolve))
  await nextTick()
}

function field() {
  const shown = show(LanguageField, { languages, modelValue: 'l30' })
  const input = shown.get('input')
  const listed = () => shown.findAll('[role=option]').map((each) => each.text())
  return { shown, input, listed }
}

test('who types before the menu has scrolled to their language makes nothing go wrong', async () => {
  const { input, listed } = field()
  await input.trigger('focus')
  await eventually(() => expect(frames.length).toBeGreaterThan(0))
  await input.setValue('language 12')
  await passFrame()
  await eventually(() => expect(listed()).toHaveLength(1))
  expect(listed()[0]).toContain('Language 12')
})

test('what was typed and never chosen is put back', async () => {
  const { input, listed } = field()
  await input.trigger('focus')
  await input.setValue('language 12')
  await passFrame()
  await input.trigger('blur')
  await nextTick()
  expect(input.element.value).toBe('Language 30')
  expect(listed()).toHaveLength(40)
  // Also when the shorter list is still to come.
  await input.trigger('focus')
  await input.setValue('language 13')
  await input.trigger('blur')
  await passFrame()
  expect(input.element.value).toBe('Language 30')
  expect(listed()).toHaveLength(40)
})

test('a language that is found is chosen', async () => {
  const { shown, input } = field()
  await input.trigger('focus')
  await input.setValue('language 12')
  await passFrame()
  await input.trigger('keydown', { key: 'ArrowDown' })
  await input.trigger('keydown', { key: 'Enter' })
  expect(shown.emitted('update:modelValue')).toEqual([['l12']])
  await passFrame()
  expect(input.element.value).toBe('Language 12')
})
