import DNS from 'dns2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '@wikistead/contracts'
import { failure } from '../../test/scripted-client.ts'
import { proofRecord, proveControl } from './custom-domain-proof.ts'

const { Packet } = DNS
const secret = 'the-secret-of-the-control-plane'
const domain = 'notes.example.org'
const record = proofRecord(domain, 7, secret)

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

/** A name server; `zone` gives the TXT values of a name, a response code, or nothing at all. */
async function nameServer(zone: (name: string) => (string | string[])[] | number | undefined) {
  const asked: string[] = []
  const server = DNS.createServer({
    udp: true,
    handle: (request, send) => {
      const [question] = request.questions
      const name = question?.name ?? ''
      asked.push(name)
      const found = zone(name)
      if (found === undefined) return
      const response = Packet.createResponseFromRequest(request)
      if (typeof found === 'number') response.header.rcode = found
      else {
        const { TXT: type } = Packet.TYPE
        response.answers = found.map((data) =>
          Object.assign(new Packet.Resource(name, type, Packet.CLASS.IN, 300), { data }),
        )
      }
      void send(response)
    },
  })
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } })
  started.defer(() => server.close())
  return { servers: [`127.0.0.1:${udp?.port}`], asked }
}

describe('the record that proves a domain', () => {
  test('is one for each user, domain and secret, and the same every time', () => {
    expect(record.name).toBe('_wikistead.notes.example.org')
    expect(record.value).toMatch(/^wikistead-verification=[\w-]{43}$/)
    expect(proofRecord(domain, 7, secret)).toEqual(record)
    const others = [
      proofRecord(domain, 8, secret),
      proofRecord('note.example.org', 7, secret),
      proofRecord(domain, 7, `${secret}!`),
      // Nothing slides from the one into the other.
      proofRecord('7notes.example.org', 7, secret),
      proofRecord(domain, 77, secret),
    ]
    expect(new Set([record, ...others].map(({ value }) => value)).size).toBe(6)
  })

  test.each(['', 'notes', 'Notes.example.org', 'notes.example.org.', '../x', 'www.example.org', '127.0.0.1'])(
    'is not made for %j',
    async (bad) => {
      expect(() => proofRecord(bad, 7, secret)).toThrow(Refusal)
      expect(await failure(proveControl(bad, 7, { secret, servers: ['127.0.0.1:1'] }))).toMatchObject({
        code: 'invalid_domain',
      })
    },
  )

  test('is not made for a domain that leaves no room for it', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4) + 'test'
    expect(long.length).toBeLessThanOrEqual(253)
    expect(() => proofRecord(long, 7, secret)).toThrow(Refusal)
  })
})

describe('control of a domain, asked of a real name server', () => {
  test('is proven by the record', async () => {
    const { servers, asked } = await nameServer((name) => (name === record.name ? [record.value] : []))
    await proveControl(domain, 7, { secret, servers })
    expect(asked).toEqual([record.name])
  })

  test('is proven by the record among others', async () => {
    const { servers } = await nameServer(() => ['v=spf1 -all', record.value, 'wikistead-verification=other'])
    await proveControl(domain, 7, { secret, servers })
  })

  test('is proven by a record that comes in pieces', async () => {
    const { servers } = await nameServer(() => [[record.value.slice(0, 30), record.value.slice(30)]])
    await proveControl(domain, 7, { secret, servers })
  })

  test.each<[string, string[] | number]>([
    ['the name does not exist', Packet.RCODE.NXDOMAIN],
    ['the name has no TXT record', []],
    ['the value is another', ['wikistead-verification=something-else']],
    ['the value is another user’s', [proofRecord(domain, 8, secret).value]],
    ['the value is another domain’s', [proofRecord('other.example.org', 7, secret).value]],
    ['the value is there with something before it', [`x${record.value}`]],
    ['the value is there with something after it', [`${record.value} `]],
  ])('is refused with what to do when %s', async (_what, found) => {
    const { servers } = await nameServer(() => found)
    const error = await failure(proveControl(domain, 7, { secret, servers }))
    expect(error).toBeInstanceOf(Refusal)
    expect(error).toMatchObject({ code: 'domain_unproven', details: { record } })
    expect((error as Error).message).toContain(record.name)
    expect((error as Error).message).toContain(record.value)
    expect(JSON.stringify(error) + String(error)).not.toContain(secret)
  })

  test('is proven as soon as the record is there', async () => {
    let values: string[] | number = Packet.RCODE.NXDOMAIN
    const { servers } = await nameServer(() => values)
    expect(await failure(proveControl(domain, 7, { secret, servers }))).toBeInstanceOf(Refusal)
    values = [record.value]
    await proveControl(domain, 7, { secret, servers })
    values = []
    expect(await failure(proveControl(domain, 7, { secret, servers }))).toBeInstanceOf(Refusal)
  })

  test.each<[string, number | undefined]>([
    ['fails', Packet.RCODE.SERVFAIL],
    ['refuses', Packet.RCODE.REFUSED],
    ['says nothing', undefined],
  ])('is not known when the name server %s, which is no refusal', async (_what, found) => {
    const { servers, asked } = await nameServer(() => found)
    const error = await failure(proveControl(domain, 7, { secret, servers, timeoutMs: 400 }))
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(Refusal)
    expect(asked.length).toBeGreaterThan(0)
  })

  test('is not known when no name server is there', async () => {
    const gone = await nameServer(() => [])
    await started.disposeAsync()
    started = new AsyncDisposableStack()
    const error = await failure(proveControl(domain, 7, { secret, servers: gone.servers, timeoutMs: 400 }))
    expect(error).not.toBeInstanceOf(Refusal)
  })

  test('is asked of the next name server when the first says nothing', async () => {
    const silent = await nameServer(() => undefined)
    const talking = await nameServer(() => [record.value])
    await proveControl(domain, 7, {
      secret,
      servers: [...silent.servers, ...talking.servers],
      timeoutMs: 4_000,
    })
    expect(talking.asked.length).toBeGreaterThan(0)
  })

  // Whoever asks for a domain chooses what its name servers say: nobody of these is ever asked anything.
  test.each([
    ...['localhost', '127.0.0.1', '169.254.169.254', '10.0.0.1', '100.64.0.1', '224.0.0.1', '0.0.0.0'],
    ...[
      '[::1]',
      '::1',
      '::ffff:127.0.0.1',
      '64:ff9b::7f00:1',
      'fe80::1',
      '2130706433',
      '0x7f000001',
      '127.1',
    ],
  ])('is asked of no name server at all for %s', async (address) => {
    const { servers, asked } = await nameServer(() => [])
    const error = await failure(proveControl(address, 7, { secret, servers }))
    expect(error).toMatchObject({ code: 'invalid_domain' })
    expect(asked).toEqual([])
  })

  test('is asked of the named name server only, whomever its answer names', async () => {
    const inside = await nameServer(() => [record.value])
    const asked: string[] = []
    const server = DNS.createServer({
      udp: true,
      handle: (request, send) => {
        asked.push(request.questions[0]?.name ?? '')
        const { TYPE, CLASS, Resource } = Packet
        const response = Packet.createResponseFromRequest(request)
        const one = (name: string, type: number, more: object) =>
          Object.assign(new Resource(name, type, CLASS.IN, 300), more)
        response.answers = [one(record.name, TYPE.CNAME, { domain: 'inside.test' })]
        response.authorities = [one('inside.test', TYPE.NS, { ns: 'ns.inside.test' })]
        response.additionals = [one('ns.inside.test', TYPE.A, { address: '127.0.0.1' })]
        void send(response)
      },
    })
    const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } })
    started.defer(() => server.close())
    const error = await failure(proveControl(domain, 7, { secret, servers: [`127.0.0.1:${udp?.port}`] }))
    expect(error).toBeInstanceOf(Error)
    expect(new Set(asked)).toEqual(new Set([record.name]))
    expect(inside.asked).toEqual([])
  })

  test("is asked of the system's own name servers when the list is left out or empty", async () => {
    const asked = { secret, timeoutMs: 4_000 }
    const [leftOut, empty] = await Promise.all([
      failure(proveControl(domain, 7, asked)),
      failure(proveControl(domain, 7, { ...asked, servers: [] })),
    ])
    // Whatever this machine's say: an empty list says the same.
    expect(empty).toEqual(leftOut)
  })

  test('is not waited for any longer once the signal says so', async () => {
    const { servers } = await nameServer(() => undefined)
    const leaving = new AbortController()
    const left = failure(proveControl(domain, 7, { secret, servers, timeoutMs: 60_000 }, leaving.signal))
    leaving.abort(new Error('enough'))
    expect(await left).toEqual(new Error('enough'))
    expect(await failure(proveControl(domain, 7, { secret, servers }, leaving.signal))).toEqual(
      new Error('enough'),
    )
  })
})
