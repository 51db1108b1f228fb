/** Texts come from whoever shows the components: banana-i18n in the console, `mw.message` in MediaWiki. */
import { inject, type InjectionKey } from 'vue'

/** The text of a key, with its parameters for `$1`, `$2` …; plain text, never HTML. */
export type Message = (key: string, ...params: readonly (string | number)[]) => string

export interface Messages {
  readonly message: Message
  /** Whether there is a text of that key. */
  readonly exists: (key: string) => boolean
  /** BCP 47, for dates and numbers. */
  readonly language: () => string
}

export const messagesKey: InjectionKey<Messages> = Symbol('messages')

export function useMessages(): Messages {
  const messages = inject(messagesKey)
  if (messages === undefined) throw new Error('nobody provides messages')
  return messages
}
