import { expect, test } from 'vitest'
import { judgeConnections } from './store-connections.ts'

test('what a server had at the most says whether its places are enough, and what to raise', () => {
  expect(judgeConnections({ taken: 3, most: 120, limit: 151 })).toMatchObject({ ok: true })
  expect(judgeConnections({ taken: 3, most: 140, limit: 151 })).toMatchObject({
    ...{ ok: false, needed: false },
    detail: '3 of 151 taken, 140 at the most since the server began',
    mend: 'Set max_connections of MariaDB to 300, or a smaller store-pool-size.',
  })
})
