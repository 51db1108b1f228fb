/** Certificates of an authority of the test's own, made by the real OpenSSL: good ones, and bad ones of each kind. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Pair {
  /** Paths of PEM files. */
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly authority: Pair
  /** Of an authority that nobody trusts. */
  readonly strangeAuthority: Pair
  /** For localhost and 127.0.0.1. */
  readonly server: Pair
  readonly forAnotherName: Pair
  readonly withoutNames: Pair
  /** For localhost and 127.0.0.1, until yesterday. */
  readonly expired: Pair
  readonly client: Pair
  /** Of the strange authority. */
  readonly strangeClient: Pair
}

export async function makeCertificates(folder: string): Promise<Certificates> {
  const config = join(folder, 'openssl.cnf')
  await writeFile(config, '[req]\ndistinguished_name = name\n[name]\n')
  const make = async (name: string, by: Pair | undefined, extensions: readonly string[]): Promise<Pair> => {
    const pair = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
    await run('openssl', [
      ...['req', '-config', config, '-x509', '-days', '2', '-nodes', '-subj', `/CN=${name}`],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', pair.key, '-out', pair.cert],
      ...(by === undefined ? [] : ['-CA', by.cert, '-CAkey', by.key]),
      ...extensions.flatMap((extension) => ['-addext', extension]),
    ])
    return pair
  }
  const expire = async (name: string, by: Pair): Promise<Pair> => {
    const pair = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
    const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)]
    await writeFile(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    await run('openssl', [
      ...['req', '-config', config, '-new', '-nodes', '-subj', `/CN=${name}`],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', pair.key, '-out', request],
    ])
    await run('openssl', [
      ...['x509', '-req', '-in', request, '-CA', by.cert, '-CAkey', by.key, '-CAcreateserial'],
      ...['-days', '-1', '-extfile', extensions, '-out', pair.cert],
    ])
    return pair
  }
  const signs = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,digitalSignature',
    // So that only what it is, and no name, speaks against showing it as one's own.
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ]
  const leaf = 'basicConstraints=CA:FALSE'
  const authority = await make('authority', undefined, signs)
  const strangeAuthority = await make('strange-authority', undefined, signs)
  return {
    ...{ authority, strangeAuthority },
    server: await make('server', authority, [leaf, 'subjectAltName=DNS:localhost,IP:127.0.0.1']),
    forAnotherName: await make('another', authority, [leaf, 'subjectAltName=DNS:temporal.example']),
    expired: await expire('expired', authority),
    withoutNames: await make('localhost', authority, [leaf]),
    client: await make('client', authority, [leaf, 'subjectAltName=DNS:wikistead.example']),
    strangeClient: await make('strange', strangeAuthority, [leaf, 'subjectAltName=DNS:wikistead.example']),
  }
}

export async function pemOf({ cert, key }: Pair): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) }
}
