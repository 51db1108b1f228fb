import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { lookingUp } from './outgoing-connections.js'
import { NotPublic, serversOf, wayTo } from './outgoing-rules.js'

const rules = { allowedNetworks: [], isOwnSite: (host: string) => host === 'notes.wiki.test' }

/** What a connection gets, and how often the name servers were asked; they answer with each list in turn. */
async function lookUp(all: boolean, ...answers: string[][]) {
  let asked = 0
  const resolve: LookupFunction = (_host, _options, done) => {
    const addresses = answers[asked++]?.map((address): LookupAddress => {
      return { address, family: address.includes(':') ? 6 : 4 }
    })
    done(null, addresses ?? [])
  }
  const { promise, resolve: resolved } = Promise.withResolvers<unknown>()
  lookingUp(80, rules, resolve)('rebound.example', { all }, (error, address) => resolved(error ?? address))
  return { got: await promise, asked }
}

test('by a stand-in for DNS: a name is resolved once, and what was judged is what is connected to', async () => {
  const rebinding = [['8.8.8.8'], ['127.0.0.1']]
  expect(await lookUp(false, ...rebinding)).toEqual({ got: '8.8.8.8', asked: 1 })
  expect(await lookUp(true, ...rebinding)).toEqual({ got: [{ address: '8.8.8.8', family: 4 }], asked: 1 })
})

test('by a stand-in for DNS: of several addresses only the public ones are left', async () => {
  const got = [{ address: '2606:4700::1', family: 6 }]
  expect(await lookUp(true, ['127.0.0.1', '2606:4700::1', '::1', '10.0.0.1'])).toEqual({ got, asked: 1 })
  for (const all of [true, false]) {
    for (const addresses of [['127.0.0.1'], ['169.254.169.254', 'fd00:ec2::254'], ['::ffff:10.0.0.1'], []]) {
      expect((await lookUp(all, addresses)).got).toBeInstanceOf(NotPublic)
    }
  }
})

test('a site of the farm is asked at the farm itself, at any port, and nowhere else', () => {
  const way = (host: string, port: number, encrypted = false) => wayTo({ host, port, encrypted }, rules)
  expect([way('notes.wiki.test', 80), way('notes.wiki.test', 7233)]).toEqual([
    'at the farm itself',
    'at the farm itself',
  ])
  expect([way('notes.wiki.test', 443, true), way('other.wiki.test', 80), way('127.0.0.1', 80)]).toEqual([
    ...['by its addresses', 'by its addresses', 'by its addresses'],
  ])
})

test('what the operator’s configuration names is trusted at its port only', () => {
  const trusted = serversOf([
    'http://id.internal:8080/token',
    'https://[fd00::1]/userinfo',
    undefined,
    'nonsense',
  ])
  expect([...trusted]).toEqual(['id.internal:8080', 'fd00::1:443'])
  const way = (host: string, port: number) => wayTo({ host, port, encrypted: false }, rules, trusted)
  expect([way('id.internal', 8080), way('fd00::1', 443)]).toEqual(['as it is', 'as it is'])
  expect([way('id.internal', 9000), way('id.internal', 80)]).toEqual(['by its addresses', 'by its addresses'])
})
