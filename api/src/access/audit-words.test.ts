import { auditWords } from '@wikistead/contracts/audit-words'
import { expect, test } from 'vitest'
import { permissions } from './permissions.ts'

/** What rows of the audit log are called that no line of the permissions names. */
const others = [
  ...['back_channel_logout', 'link_identity', 'openid_sign_in', 'ask_second_factor'],
  ...['rotate', 'rotate begun', 'rotate ended'],
]

test('whatever is written to the audit log has a word, of which every language makes a sentence', () => {
  const written = Object.entries(permissions).flatMap(([route, { audit }]) =>
    audit === undefined && route.startsWith('GET ') ? [] : [audit ?? route],
  )
  expect([...new Set([...written, ...others])].sort()).toEqual(Object.keys(auditWords).sort())
})
