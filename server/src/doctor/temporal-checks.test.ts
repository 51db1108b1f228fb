/** A real Temporal behind TLS: what the settings reach, by both clients, and what `doctor` says when they do not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NativeConnection } from '@temporalio/worker'
import { loadConfig } from '@wikistead/config'
import { makeCertificates, type Certificates } from '@wikistead/test/certificates'
import type {} from '@wikistead/test/provided'
import '@wikistead/test/quiet-temporal'
import { secureTemporal, type SecuredOptions } from '@wikistead/test/secured-temporal'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { checkTemporal } from './temporal-checks.ts'
import { checkTemporalTrust } from './temporal-trust.ts'
import { askTemporal } from '../temporal/ask-temporal.ts'
import { namedTemporal, type TemporalPlace } from '../temporal/temporal-place.ts'

const started = new AsyncDisposableStack()
let folder: string
let pems: Certificates

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-tls-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  pems = await makeCertificates(folder)
})
afterAll(() => started.disposeAsync())

type Settings = Readonly<Record<string, string>>

const secured = (options: Omit<SecuredOptions, 'behind'>) =>
  secureTemporal({ behind: inject('temporalAddress'), ...options })

function placeOf(settings: Settings, env: Settings = {}): TemporalPlace {
  const config = loadConfig({ defaults: { 'data-folder': folder, ...settings }, env })
  const place = namedTemporal(config, { HOME: folder, ...env })
  if (place === undefined) throw new Error('no Temporal is named')
  return place
}

/** By Node's client, as an API does, and by the worker's own. */
async function reached(place: TemporalPlace): Promise<readonly string[]> {
  const namespace = { namespace: 'default' }
  const byNode = await askTemporal(place, ({ workflowService }) =>
    workflowService.describeNamespace(namespace),
  )
  const connection = await NativeConnection.connect(place.connectionOptions)
  try {
    const byWorker = await connection.workflowService.describeNamespace(namespace)
    return [byNode, byWorker].map(({ namespaceInfo }) => namespaceInfo?.name ?? '')
  } finally {
    await connection.close()
  }
}

const both = ['default', 'default']

describe('a Temporal behind TLS is reached', () => {
  test('with the certificate of its authority', async () => {
    await using temporal = await secured({ shows: pems.server })
    const place = placeOf({ 'temporal-address': temporal.address, 'temporal-tls-ca': pems.authority.cert })
    expect(place.explanation).toContain(`${temporal.address} over TLS`)
    expect(await reached(place)).toEqual(both)
  })

  test('with a certificate of ours, where it wants one, and with a key', async () => {
    await using temporal = await secured({
      ...{ shows: pems.server, clientsOf: pems.authority.cert, apiKey: 'a-key' },
    })
    await writeFile(join(folder, 'key'), 'a-key\n')
    const settings = {
      ...{ 'temporal-address': temporal.address, 'temporal-tls-ca': pems.authority.cert },
      ...{ 'temporal-tls-cert': pems.client.cert, 'temporal-tls-key': pems.client.key },
    }
    expect(await reached(placeOf({ ...settings, 'temporal-api-key-file': join(folder, 'key') }))).toEqual(
      both,
    )
  })

  test("under another name than the address's", async () => {
    await using temporal = await secured({ shows: pems.forAnotherName })
    const settings = { 'temporal-address': temporal.address, 'temporal-tls-ca': pems.authority.cert }
    const named = { ...settings, 'temporal-tls-server-name': 'temporal.example' }
    expect(await reached(placeOf(named))).toEqual(both)
  })

  test("by Temporal's own variables, which mean the same", async () => {
    await using temporal = await secured({
      ...{ shows: pems.server, clientsOf: pems.authority.cert, apiKey: 'a-key' },
    })
    const env = {
      ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_API_KEY: 'a-key' },
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: pems.authority.cert,
      ...{ TEMPORAL_TLS_CLIENT_CERT_PATH: pems.client.cert, TEMPORAL_TLS_CLIENT_KEY_PATH: pems.client.key },
    }
    expect(await reached(placeOf({}, env))).toEqual(both)
  })

  test('by a profile of the `temporal` command, of which a setting changes its own field only', async () => {
    await using temporal = await secured({
      ...{ shows: pems.server, clientsOf: pems.authority.cert, apiKey: 'a-key' },
    })
    const file = join(folder, 'temporal.toml')
    await writeFile(
      file,
      [
        '[profile.wikis]',
        `address = "${temporal.address}"`,
        'namespace = "default"',
        'api_key = "another"',
        '[profile.wikis.tls]',
        `server_ca_cert_path = "${pems.authority.cert}"`,
        `client_cert_path = "${pems.client.cert}"`,
        `client_key_path = "${pems.client.key}"`,
      ].join('\n'),
    )
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'wikis' }
    expect(await told({}, env)).toBe(`${temporal.address} does not know us`)
    expect(await reached(placeOf({ 'temporal-api-key': 'a-key' }, env))).toEqual(both)
  })
})

/** What `doctor` says of it, when that is not that all is well. */
async function told(settings: Settings, env: Settings = {}): Promise<string | undefined> {
  const config = loadConfig({ defaults: { 'data-folder': folder, ...settings }, env })
  const [check] = await checkTemporal(config, { HOME: folder, ...env }, undefined)
  expect(check?.check).toBe('temporal')
  if (check?.ok !== true) expect(check?.mend).toMatch(/\w/)
  return check?.ok === true ? undefined : check?.detail
}

/** Whether the worker's client refuses it as well. */
const refusedByWorker = async (settings: Settings): Promise<boolean> =>
  NativeConnection.connect(placeOf(settings).connectionOptions).then(
    async (connection) => connection.close().then(() => false),
    () => true,
  )

describe('`doctor` says whether a Temporal apart knows who we are:', () => {
  async function trust(settings: Settings): Promise<string | undefined> {
    const config = loadConfig({ defaults: { 'data-folder': folder, ...settings }, env: {} })
    const [found] = await checkTemporalTrust(config, { HOME: folder }, undefined)
    expect(found?.check).toBe('temporal trust')
    expect(found?.needed).toBe(found?.ok)
    return found?.ok === true ? undefined : found?.detail
  }
  const withCa = (address: string) => ({
    ...{ 'temporal-address': address, 'temporal-tls-ca': pems.authority.cert },
  })
  const ourCertificate = () => ({
    ...{ 'temporal-tls-cert': pems.client.cert, 'temporal-tls-key': pems.client.key },
  })
  const neither = 'neither by a certificate (mTLS) nor by an API key'

  test('neither by a certificate nor by a key', async () => {
    expect(await trust({ 'temporal-address': inject('temporalAddress') })).toContain(neither)
    await using temporal = await secured({ shows: pems.server })
    expect(await trust(withCa(temporal.address))).toContain(neither)
  })

  test('by a certificate, or by a key', async () => {
    await using byCertificate = await secured({ shows: pems.server, clientsOf: pems.authority.cert })
    expect(await trust({ ...withCa(byCertificate.address), ...ourCertificate() })).toBeUndefined()
    await using byKey = await secured({ shows: pems.server, apiKey: 'a-key' })
    expect(await trust({ ...withCa(byKey.address), 'temporal-api-key': 'a-key' })).toBeUndefined()
  })

  test('by neither, when it answers those who show none as well', async () => {
    await using temporal = await secured({ shows: pems.server })
    expect(await trust({ ...withCa(temporal.address), ...ourCertificate() })).toContain('it answers without')
    expect(await trust({ ...withCa(temporal.address), 'temporal-api-key': 'a-key' })).toContain(
      'it answers without',
    )
  })
})

describe('`doctor` says what is wrong with', () => {
  const withCa = (address: string) => ({
    ...{ 'temporal-address': address, 'temporal-tls-ca': pems.authority.cert },
  })

  test('an authority that is not known here', async () => {
    await using temporal = await secured({ shows: pems.server })
    const settings = { 'temporal-address': temporal.address, 'temporal-tls': 'true' }
    expect(await told(settings)).toContain('an authority that is not known here')
    expect(await refusedByWorker(settings)).toBe(true)
    expect(await told(withCa(temporal.address))).toBeUndefined()
  })

  test('plain text to one that speaks TLS, and TLS to one that does not', async () => {
    await using temporal = await secured({ shows: pems.server })
    const plain = { 'temporal-address': temporal.address }
    expect(await told(plain)).toBe(`${temporal.address} speaks TLS, and we do not`)
    expect(await refusedByWorker(plain)).toBe(true)
    const address = inject('temporalAddress')
    expect(await told({ 'temporal-address': address, 'temporal-tls': 'true' })).toBe(
      `${address} does not speak TLS, and we do`,
    )
    expect(await told({ 'temporal-address': address })).toBeUndefined()
  })

  test("the certificate of an authority as its own, which Node's client takes and the worker's refuses", async () => {
    await using temporal = await secured({ shows: pems.authority })
    const settings = withCa(temporal.address)
    await askTemporal(placeOf(settings), ({ workflowService }) => workflowService.getSystemInfo({}))
    expect(await refusedByWorker(settings)).toBe(true)
    expect(await told(settings)).toContain('shows the certificate of an authority as its own')
  })

  test('a certificate for another name, or for none', async () => {
    await using another = await secured({ shows: pems.forAnotherName })
    expect(await told(withCa(another.address))).toContain('a certificate for another name')
    expect(await refusedByWorker(withCa(another.address))).toBe(true)
    await using none = await secured({ shows: pems.withoutNames })
    expect(await told(withCa(none.address))).toContain('names no host in subjectAltName')
    expect(await refusedByWorker(withCa(none.address))).toBe(true)
  })

  test('a missing certificate of ours, and one of a strange authority', async () => {
    await using temporal = await secured({ shows: pems.server, clientsOf: pems.authority.cert })
    const settings = withCa(temporal.address)
    expect(await told(settings)).toBe(`${temporal.address} wants a certificate of ours`)
    const { cert, key } = pems.strangeClient
    expect(await told({ ...settings, 'temporal-tls-cert': cert, 'temporal-tls-key': key })).toBe(
      `${temporal.address} does not take our certificate`,
    )
  })

  test('a file that is no certificate, and one that is not there', async () => {
    await using temporal = await secured({ shows: pems.server })
    const none = join(folder, 'none.pem')
    await writeFile(none, 'nothing')
    const { key } = pems.client
    const settings = { ...withCa(temporal.address), 'temporal-tls-key': key }
    expect(await told({ ...settings, 'temporal-tls-cert': none })).toContain('is none')
    const missing = join(folder, 'missing.pem')
    expect(() => placeOf({ ...settings, 'temporal-tls-cert': missing })).toThrow(
      /missing\.pem.*temporal-tls-cert/,
    )
  })

  test('a host that has no name, and one where nobody listens', async () => {
    expect(await told({ 'temporal-address': 'temporal.invalid:7233' })).toContain('there is no host')
    expect(await told({ 'temporal-address': '127.0.0.1:9' })).toBe('127.0.0.1:9 does not answer')
  })
})
