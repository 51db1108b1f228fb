/** Texts from banana message files: those of the shared components and the console's own, in one language at a time. */
import type { Messages } from '@wikistead/components'
import componentsEn from '@wikistead/components/i18n/en.json'
import Banana from 'banana-i18n'
import { shallowRef } from 'vue'
import consoleEn from '../i18n/en.json'
import { preferredLanguage, rememberLanguage, type Language } from './languages.ts'

type MessageFile = Readonly<Record<string, unknown>>

const files = {
  ...import.meta.glob<MessageFile>(['../i18n/*.json', '!../i18n/{en,qqq}.json'], { import: 'default' }),
  ...import.meta.glob<MessageFile>(['../../components/i18n/*.json', '!../../components/i18n/{en,qqq}.json'], {
    import: 'default',
  }),
}

export class I18n implements Messages {
  readonly #banana = new Banana('en', {
    finalFallback: 'en',
    messages: { en: textsOf(componentsEn, consoleEn) },
  })
  /** What is shown reads this, and so follows a change of language. */
  readonly #language = shallowRef<Language>({ code: 'en', file: 'en', name: 'English', dir: 'ltr' })
  readonly #known = new Set(Object.keys(textsOf(componentsEn, consoleEn)))

  get current(): Language {
    return this.#language.value
  }

  language = (): string => this.#language.value.code

  message = (key: string, ...params: readonly (string | number)[]): string => {
    void this.#language.value
    return this.#banana.i18n(key, ...params)
  }

  exists = (key: string): boolean => this.#known.has(key)

  start(): Promise<void> {
    return this.use(preferredLanguage())
  }

  async use(language: Language): Promise<void> {
    if (language.file !== 'en') {
      const paths = [`../../components/i18n/${language.file}.json`, `../i18n/${language.file}.json`]
      const loaded = await Promise.all(paths.map(async (path) => (await files[path]?.()) ?? {}))
      this.#banana.load(textsOf(...loaded), language.file)
    }
    this.#banana.setLocale(language.file)
    document.documentElement.lang = language.code
    document.documentElement.dir = language.dir
    this.#language.value = language
  }

  async choose(language: Language): Promise<void> {
    await this.use(language)
    rememberLanguage(language)
  }
}

function textsOf(...messageFiles: readonly MessageFile[]): Record<string, string> {
  const all = Object.assign({}, ...messageFiles) as Record<string, string>
  delete all['@metadata']
  return all
}
