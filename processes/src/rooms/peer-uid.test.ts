import { expect, test } from 'vitest'
import { uidOfPeer } from './peer-uid.ts'

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const line = (local: string, remote: string, state: string, uid: number, inode: number) =>
  `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${String(uid)}        0 ${String(inode)} 2 0000000000000000 20 4 30 10 -1`
const ends = {
  ...{ remoteAddress: '127.0.0.1', remotePort: 0xc350 },
  ...{ localAddress: '127.0.0.1', localPort: 0x20f1 },
}
const [there, here] = ['0100007F:C350', '0100007F:20F1']

test('of the two ends it is the visitor’s that counts', () => {
  const list = [heading, line(here, there, '01', 0, 7), line(there, here, '01', 1000, 8)].join('\n')
  expect(uidOfPeer(list, ends)).toBe(1000)
})

test.each([
  ['closed by its process, which then counts as root’s', line(there, here, '04', 0, 0)],
  ['half closed', line(there, here, '05', 1000, 9)],
  ['of no process', line(there, here, '01', 0, 0)],
  ['another one, from the same port', line(there, '0200007F:20F1', '01', 0, 9)],
  ['none', ''],
])('a connection that is %s is nobody’s', (_, found) => {
  expect(uidOfPeer([heading, line(here, there, '01', 0, 7), found].join('\n'), ends)).toBeUndefined()
})
