/** Connections to Temporal: of an API, which serves without it, and of a worker, which waits for it. */
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { Config } from '@wikistead/config'
import { setTimeout as sleep } from 'node:timers/promises'
import { openConnection } from './end-with-connection.ts'
import { troubleWith } from './ask-temporal.ts'
import type { TemporalPlace } from './temporal-place.ts'
import type { Trouble } from './trouble.ts'

/** The environment in which a Temporal CLI is looked for. */
export function withNamedCli(
  { temporalCli }: Config,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return temporalCli === undefined ? env : { ...env, WIKISTEAD_TEMPORAL_CLI: temporalCli }
}

/** A client that connects when it is first used: the API serves although Temporal is away. */
export function openClient({ connectionOptions, namespace }: TemporalPlace): Client {
  return new Client({ connection: openConnection(connectionOptions), namespace })
}

const tryAgainMs = 1_000
const sayAgainMs = 60_000
const answerWithinMs = 4_000

/** The worker's connection; waits while Temporal does not answer or lacks the namespace, and says what mends it. */
export async function connectWorker(
  place: TemporalPlace,
  onWait: (trouble: Trouble) => void,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const { connectionOptions, namespace } = place
  let said = { what: '', at: 0 }
  for (;;) {
    let connection: NativeConnection | undefined
    try {
      connection = await NativeConnection.connect(connectionOptions)
      const { workflowService } = connection
      await connection.withDeadline(Date.now() + answerWithinMs, () =>
        workflowService.describeNamespace({ namespace }),
      )
      return connection
    } catch (error) {
      await connection?.close().catch(() => undefined)
      const trouble = await troubleWith(place, error)
      // Once, and then now and then: whoever starts reads it, and a log is not filled with it.
      if (trouble.what !== said.what || performance.now() - said.at > sayAgainMs) {
        said = { what: trouble.what, at: performance.now() }
        onWait(trouble)
      }
      await sleep(tryAgainMs, undefined, { signal })
    }
  }
}
