/** Components as they are shown: with real Codex, the English texts, and a farm that answers as the test says. */
import { mount, type VueWrapper } from '@vue/test-utils'
import Banana from 'banana-i18n'
import type { Component, ComponentPublicInstance } from 'vue'
import texts from '../i18n/en.json'
import { farmApiKey, type FarmApi } from '../src/farm-api.ts'
import { messagesKey, type Messages } from '../src/messages.ts'

const banana = new Banana('en', { messages: { en: texts as unknown as Record<string, string> } })
export const englishMessages: Messages = {
  message: (key, ...params) => banana.i18n(key, ...params),
  exists: (key) => Object.hasOwn(texts, key),
  language: () => 'en',
}

export function show(
  component: Component,
  props: Readonly<Record<string, unknown>>,
  api: Partial<FarmApi> = {},
  slots: Readonly<Record<string, string>> = {},
): VueWrapper<ComponentPublicInstance> {
  const options = {
    props: { ...props },
    slots: { ...slots },
    attachTo: document.body,
    global: {
      // What Vue or Codex complain of is a fault of ours.
      config: {
        warnHandler: (warning: string) => {
          throw new Error(warning)
        },
      },
      provide: { [messagesKey as symbol]: englishMessages, [farmApiKey as symbol]: api },
    },
  }
  return mount(component, options) as VueWrapper<ComponentPublicInstance>
}
