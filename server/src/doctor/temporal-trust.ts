/** Who but we gets to Temporal: whoever does can start and end workflows, and answer for a worker. */
import { existsSync } from 'node:fs'
import type { Config } from '@wikistead/config'
import { canHaveOwnNet, temporalSocket } from '@wikistead/processes'
import { temporalFolder, temporalIsOpen } from '../machine/embedded-temporal.ts'
import type { Environment } from '../parts/environment.ts'
import type { Running } from '../parts/running.ts'
import { askTemporal } from '../temporal/ask-temporal.ts'
import { lookAtNamespace } from '../temporal/prepare-namespace.ts'
import { namedTemporal, speaksTls, type TemporalPlace } from '../temporal/temporal-place.ts'
import { doubtful, fine, type Check } from './check.ts'

const name = 'temporal trust'

export async function checkTemporalTrust(
  config: Config,
  env: Environment['env'],
  running: Running | undefined,
): Promise<readonly Check[]> {
  const named = namedTemporal(config, env)
  if (named !== undefined) return checkApart(named)
  return [checkClosed(config, running === undefined ? canHaveOwnNet : existsSync)]
}

/** Whether only our own user gets to the Temporal of `start`. */
function checkClosed({ dataFolder }: Config, isClosed: (socket: string) => boolean): Check {
  if (isClosed(temporalSocket(temporalFolder(dataFolder)))) {
    return fine(name, 'the user who runs `start` gets to it, and root; nobody else')
  }
  return doubtful(name, temporalIsOpen.what, temporalIsOpen.mend)
}

/** By what one that others run knows us, and whether it asks. */
async function checkApart(place: TemporalPlace): Promise<readonly Check[]> {
  const { apiKey, metadata, tls, ...options } = place.connectionOptions
  const { clientCertPair, ...unknown } = typeof tls === 'object' && tls !== null ? tls : {}
  const hasKey = apiKey !== undefined || 'authorization' in { ...metadata }
  if (clientCertPair === undefined && !hasKey) {
    return [
      doubtful(
        name,
        'it is told nothing of who we are, neither by a certificate (mTLS) nor by an API key: whoever reaches it may do with our workflows what they like',
        'Let it ask for certificates or keys, and set temporal-tls-cert and temporal-tls-key, or temporal-api-key; until then let nobody else reach it.',
      ),
    ]
  }
  const look = (of: TemporalPlace): Promise<boolean> =>
    askTemporal(of, (connection) => lookAtNamespace(connection, place.namespace)).then(
      () => true,
      () => false,
    )
  // What keeps us out is told elsewhere.
  if (!(await look(place))) return []
  const stranger = {
    ...place,
    connectionOptions: { ...options, tls: speaksTls(place.connectionOptions) && unknown },
  }
  if (await look(stranger)) {
    return [
      doubtful(
        name,
        'it answers without our certificate or API key, too: whoever reaches it may do with our workflows what they like',
        'Let it refuse who has none (`requireClientAuth`, or an authorizer).',
      ),
    ]
  }
  return [
    fine(name, `it knows us by ${clientCertPair === undefined ? 'our API key' : 'our certificate (mTLS)'}`),
  ]
}
