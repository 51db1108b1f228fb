import { refusalKey } from './message-keys.ts'
import type { Messages } from './messages.ts'

/** What a code means, in the user's language; the server's own words where nobody has put them into it yet. */
export function errorText({ message, exists }: Messages, code: string, detail = ''): string {
  const key = refusalKey(code)
  if (exists(key)) return message(key)
  return detail === '' ? message(refusalKey('fault')) : detail
}
