/**
 * Where Temporal is: the settings before the operator's Temporal profile (its file and variables), field by field;
 * without an address in either `start` brings its own.
 */
import { loadClientConfigProfile, toClientOptions, type ClientConfigTLS } from '@temporalio/envconfig'
import type { NativeConnectionOptions } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { SetupError } from '@wikistead/processes'
import type { OurTls } from './door.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface TemporalPlace {
  readonly connectionOptions: NativeConnectionOptions
  readonly namespace: string
  /** Said once at the start. */
  readonly explanation: string
}

/**
 * Undefined when nothing names a Temporal: then `start` brings up its own.
 * @throws SetupError for a profile or a certificate that cannot be read
 */
export function namedTemporal(config: Config, env: Env): TemporalPlace | undefined {
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: withoutUnset(env) })
    const { temporalAddress, temporalApiKey } = config
    const address = temporalAddress ?? profile.address
    if (address === undefined) return undefined
    const apiKey = temporalApiKey?.reveal() ?? profile.apiKey
    if (apiKey !== undefined) learnSecret(apiKey)
    const tls = tlsOf(config, profile.tls)
    const { connectionOptions } = toClientOptions({
      ...profile,
      address,
      ...(apiKey !== undefined && { apiKey }),
      ...(tls !== undefined && { tls }),
    })
    const namespace = config.temporalNamespace ?? profile.namespace ?? 'default'
    const from = temporalAddress === undefined ? 'from your Temporal profile' : 'as configured'
    const over = speaksTls(connectionOptions) ? ' over TLS' : ''
    return {
      connectionOptions,
      namespace,
      explanation: `Temporal: ${address}${over}, namespace ${namespace} (${from})`,
    }
  } catch (error) {
    throw new SetupError(
      `Where Temporal is cannot be told: ${(error as Error).message}. Mend temporal-tls-ca, temporal-tls-cert and ` +
        'temporal-tls-key, or your Temporal profile.',
    )
  }
}

export function speaksTls({ tls }: NativeConnectionOptions): boolean {
  return tls !== undefined && tls !== null && tls !== false
}

/** The same as Node's TLS takes it. */
export function ourTls({ tls }: NativeConnectionOptions): OurTls {
  if (tls === undefined || tls === null || typeof tls === 'boolean') return {}
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls
  return {
    ...{ serverName: serverNameOverride, ca: serverRootCACertificate },
    ...{ cert: clientCertPair?.crt, key: clientCertPair?.key },
  }
}

function tlsOf(
  { temporalTls, temporalTlsCa, temporalTlsCert, temporalTlsKey, temporalTlsServerName }: Config,
  ofProfile: ClientConfigTLS | undefined,
): ClientConfigTLS | undefined {
  const ours: ClientConfigTLS = {
    ...(temporalTlsCa !== undefined && { serverCACert: { path: temporalTlsCa } }),
    ...(temporalTlsCert !== undefined && { clientCert: { path: temporalTlsCert } }),
    ...(temporalTlsKey !== undefined && { clientKey: { path: temporalTlsKey } }),
    ...(temporalTlsServerName !== undefined && { serverName: temporalTlsServerName }),
  }
  if (temporalTls === false) return { disabled: true }
  if (temporalTls === undefined && Object.keys(ours).length === 0) return ofProfile
  // A profile may say that TLS is off; a setting that says how it is done says that it is on.
  return { ...ofProfile, ...ours, disabled: false }
}

function withoutUnset(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
