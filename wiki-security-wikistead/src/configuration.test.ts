import { expect, test } from 'vitest'
import { isPlainDomain, readConfiguration } from './configuration.js'

const hash = 'ab'.repeat(32)

test('a whole configuration is taken', () => {
  const key = 'k'.repeat(32)
  const block = { adminHost: 'admin.wiki.test', adminTokenHash: `sha256:${hash}`, ownerLinkKey: key }
  expect(readConfiguration(block)).toEqual({
    adminHost: 'admin.wiki.test',
    tokenHash: Buffer.from(hash, 'hex'),
    ownerLinkKey: key,
    allowedNetworks: [],
    problems: [],
  })
})

test('of the networks that may be asked, those that are none are left out and named', () => {
  const block = { adminHost: 'admin.wiki.test', adminTokenHash: `sha256:${hash}` }
  const read = (allowedNetworks: unknown) => readConfiguration({ ...block, allowedNetworks })
  const good = read(['10.1.0.0/16', '127.0.0.2', 'fd00::/8'])
  expect(good.allowedNetworks.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
    ...['10.1.0.0/16', '127.0.0.2/32', 'fd00::/8'],
  ])
  expect(good.problems).toEqual([])
  for (const bad of ['10.0.0.0/8', ['10.0.0.0/33'], ['10.1'], [7], { 0: '10.0.0.0/8' }]) {
    expect(read(bad), JSON.stringify(bad)).toMatchObject({
      allowedNetworks: [],
      problems: [expect.any(String)],
    })
  }
})

test.each([
  [undefined, 2],
  ['admin', 2],
  [{ adminHost: 'Admin.wiki.test', adminTokenHash: hash }, 2],
  [{ adminHost: 'admin.wiki.test:80', adminTokenHash: `sha256:${hash}0` }, 2],
  [{ adminHost: ['admin.wiki.test'], adminTokenHash: null, ownerLinkKey: 'short', adminToken: 'x' }, 4],
])('a mistake closes what it configures, and every one is named: %j', (block, problems) => {
  const configuration = readConfiguration(block)
  expect(configuration).toMatchObject({ adminHost: '', tokenHash: undefined, ownerLinkKey: undefined })
  expect(configuration.problems.length).toBe(problems)
})

test('only what may name a folder is a domain', () => {
  for (const domain of ['a.b', 'notes.wiki.test', 'xn--bcher-kva.example', 'farm-admin.localhost']) {
    expect(isPlainDomain(domain), domain).toBe(true)
  }
  const bad = ['', 'wiki', '.', '..', 'a..b', '.a.b', 'a.b.', 'a/b.c', 'a\\b.c', 'A.b', 'a.b:80', 'www.a.b']
  const worse = ['-a.b', 'a-.b', '127.0.0.1', 'a.b\n', 'ä.b', `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}b`]
  for (const domain of [...bad, ...worse]) expect(isPlainDomain(domain), domain).toBe(false)
})
