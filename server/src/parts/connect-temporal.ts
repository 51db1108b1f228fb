/** Where Temporal is: the address of the configuration, else the operator's Temporal profile, else the embedded one. */
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithConnection } from './end-with-connection.ts'

export interface TemporalPlace {
  readonly connectionOptions: NativeConnectionOptions
  readonly namespace: string
  /** Said once at the start. */
  readonly explanation: string
}

/** Undefined when nothing names a Temporal: then `start` brings up its own. */
export function namedTemporal(
  { temporalAddress, temporalNamespace }: Config,
  env: Readonly<Record<string, string | undefined>>,
): TemporalPlace | undefined {
  const profile = loadClientConnectConfig({ overrideEnvVars: withoutUnset(env) })
  const address = temporalAddress ?? profile.connectionOptions.address
  if (address === undefined) return undefined
  const namespace = temporalNamespace ?? profile.namespace ?? 'default'
  return {
    connectionOptions: { ...profile.connectionOptions, address },
    namespace,
    explanation: `Temporal: ${address}, namespace ${namespace} (${temporalAddress === undefined ? 'from your Temporal profile' : 'as configured'})`,
  }
}

/** The environment in which a Temporal CLI is looked for. */
export function withNamedCli(
  { temporalCli }: Config,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return temporalCli === undefined ? env : { ...env, WIKISTEAD_TEMPORAL_CLI: temporalCli }
}

/** A client that connects when it is first used: the API serves although Temporal is away. */
export function openClient({ connectionOptions, namespace }: TemporalPlace): Client {
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithConnection]
  return new Client({ connection: Connection.lazy({ ...connectionOptions, interceptors }), namespace })
}

/** The worker's connection; waits, and says so, while Temporal does not answer. */
export async function connectWorker(
  { connectionOptions }: TemporalPlace,
  onWait: (error: unknown) => void,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect(connectionOptions)
    } catch (error) {
      onWait(error)
      await sleep(1_000, undefined, { signal })
    }
  }
}

function withoutUnset(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
