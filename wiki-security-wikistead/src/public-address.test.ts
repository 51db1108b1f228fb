import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { isOwnBackDoor, isPublicAddress, parseNetwork } from './public-address.js'

test.each([
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1'],
  ...['127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1'],
  ...['192.88.99.1', '192.168.0.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.1.1.1'],
  ...['240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ...['::', '::1', '::127.0.0.1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8'],
  ...['::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a00:1', '100::1', '2001::1'],
  ...['2001:db8::1', '2002:7f00:1::', '2002:a00:1::1', '3fff::1', '4000::1', '5f00::1', 'fc00::1', 'fd00::1'],
  ...['fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'ff02::1', 'ff0e::1'],
  ...['', 'localhost', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '8.8.8', '8.8.8.8.', 'example.org'],
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

test('an allowed network is asked, and nothing beside it or in its guise', () => {
  const allowed = ['10.1.0.0/16', 'fd00:1::/32'].map((network) => parseNetwork(network)!)
  for (const address of ['10.1.0.1', '10.1.255.255', 'fd00:1:2::3'])
    expect(isPublicAddress(address, allowed)).toBe(true)
  for (const address of ['10.2.0.1', 'fd00:2::1', '::ffff:10.1.0.1', '127.0.0.1', '2002:a01:1::']) {
    expect(isPublicAddress(address, allowed), address).toBe(false)
  }
})

test('this machine is asked where everybody sees it, and at no other port', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address),
  )
  expect(own.length).toBeGreaterThan(0)
  for (const address of own) {
    expect([isOwnBackDoor(address, 3306), isOwnBackDoor(address, 443), isOwnBackDoor(address, 80)]).toEqual([
      ...[true, false, false],
    ])
    expect(isOwnBackDoor(address, 3306, [parseNetwork(address)!])).toBe(false)
  }
  expect(isOwnBackDoor('8.8.8.8', 3306)).toBe(false)
})
