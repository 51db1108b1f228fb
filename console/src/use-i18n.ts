import { inject, type InjectionKey } from 'vue'
import type { I18n } from './i18n.ts'

export const i18nKey: InjectionKey<I18n> = Symbol('i18n')

export function useI18n(): I18n {
  const i18n = inject(i18nKey)
  if (i18n === undefined) throw new Error('nobody provides the texts')
  return i18n
}
