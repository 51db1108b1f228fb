import type { I18n } from './i18n.ts'

/** Of the browser's tab and history. */
export function setTitle(title: string, i18n: Pick<I18n, 'message'>): void {
  document.title = i18n.message('console-title', title)
}
