/** The Temporal that others run, or the one that `start` would: whether it answers us, and whether it fits. */
import { formatDuration, type Config } from '@wikistead/config'
import { lookForTemporalCli } from '@wikistead/processes'
import { cacheFolder } from '../parts/cache-folder.ts'
import { withNamedCli } from '../temporal/connect-temporal.ts'
import type { Environment } from '../parts/environment.ts'
import type { Running } from '../parts/running.ts'
import { askTemporal, TemporalTrouble } from '../temporal/ask-temporal.ts'
import { lookAtDoor } from '../temporal/door.ts'
import { shortestRetentionMs, usualRetentionMs } from '../temporal/fit-namespace.ts'
import { lookAtNamespace, resetsActivities, tooOld, versionOf } from '../temporal/prepare-namespace.ts'
import { namedTemporal, ourTls, speaksTls, type TemporalPlace } from '../temporal/temporal-place.ts'
import { status, troubleAtTheDoor, troubleOf } from '../temporal/trouble.ts'
import { broken, doubtful, fine, inWords, type Check } from './check.ts'

export async function checkTemporal(
  config: Config,
  env: Environment['env'],
  running: Running | undefined,
): Promise<readonly Check[]> {
  const named = namedTemporal(config, env)
  if (named !== undefined) return examineTemporal(named)
  if (running !== undefined) {
    const connectionOptions = { address: running.temporal }
    return examineTemporal({
      ...{ connectionOptions, namespace: 'default', explanation: 'Temporal: the embedded one' },
    })
  }
  return [await checkCli(config, env)]
}

async function checkCli(config: Config, env: Environment['env']): Promise<Check> {
  try {
    const search = { env: withNamedCli(config, env), cacheFolder: cacheFolder(env, config.dataFolder) }
    const { cli, whyNot, go } = await lookForTemporalCli(search)
    if (cli !== undefined) return fine('temporal', cli.explanation.replace(/^Temporal: /, ''))
    const missing = `no CLI yet (${whyNot.join('; ')})`
    if (go !== undefined) return fine('temporal', `${missing}; the first start builds one with ${go}`)
    return broken(
      'temporal',
      `${missing}, and no Go to build one`,
      'Install Go or the temporal CLI, or set TEMPORAL_ADDRESS; where the network allows, the first start downloads it.',
    )
  } catch (error) {
    return broken('temporal', inWords(error), 'Mend temporal-cli, or leave it out.')
  }
}

async function examineTemporal(place: TemporalPlace): Promise<readonly Check[]> {
  const { connectionOptions, namespace, explanation } = place
  const { address = '' } = connectionOptions
  try {
    // The worker's client is stricter than the one that asks here.
    const tls = speaksTls(connectionOptions)
    const door = await lookAtDoor(address, ourTls(connectionOptions))
    const trouble = troubleAtTheDoor({ address, tls, door })
    if (trouble !== undefined) return [broken('temporal', trouble.what, trouble.mend)]
    const version = await askTemporal(place, versionOf)
    const { retentionMs } = await askTemporal(place, (connection) => lookAtNamespace(connection, namespace))
    if (retentionMs === undefined) {
      const missing = { address, namespace, tls, door, code: status.NOT_FOUND, message: '' }
      const { what, mend } = troubleOf(missing)
      return [broken('temporal', what, mend)]
    }
    const resets = await askTemporal(place, (connection) => resetsActivities(connection, namespace))
    return [
      fine('temporal', `${explanation.replace(/^Temporal: /, '')}, at ${address}, version ${version}`),
      ...(resets ? [] : [broken('temporal version', tooOld(address, version), 'Take a newer Temporal.')]),
      retentionCheck(retentionMs),
    ]
  } catch (error) {
    if (!(error instanceof TemporalTrouble)) throw error
    const { what, mend } = error.trouble
    return [broken('temporal', what, mend)]
  }
}

function retentionCheck(retentionMs: number): Check {
  const kept = `what has ended is kept for ${formatDuration(retentionMs)}`
  if (retentionMs >= shortestRetentionMs) return fine('temporal retention', kept)
  return doubtful(
    'temporal retention',
    `${kept}: too short to find out why something failed last week`,
    `Run \`wikistead temporal prepare\`, which makes it ${formatDuration(usualRetentionMs)}.`,
  )
}
