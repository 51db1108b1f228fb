/** One question to a Temporal, and what is wrong when it is not answered. */
import type { Connection } from '@temporalio/client'
import { lookAtDoor } from './door.ts'
import { openConnection } from './end-with-connection.ts'
import { ourTls, speaksTls, type TemporalPlace } from './temporal-place.ts'
import { troubleOf, type Trouble } from './trouble.ts'

const patienceMs = 4_000

/** Over a connection of its own. @throws TemporalTrouble */
export async function askTemporal<T>(
  place: TemporalPlace,
  question: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = openConnection(place.connectionOptions)
  try {
    return await connection.withDeadline(Date.now() + patienceMs, () => question(connection))
  } catch (error) {
    throw new TemporalTrouble(await troubleWith(place, error), error)
  } finally {
    await connection.close().catch(() => undefined)
  }
}

export class TemporalTrouble extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble, cause: unknown) {
    super(`Temporal: ${trouble.what}. ${trouble.mend}`, { cause })
    this.trouble = trouble
  }
}

/** Of an error of either client of Temporal's: the worker's, or Node's. */
export async function troubleWith(
  { connectionOptions, namespace }: TemporalPlace,
  error: unknown,
): Promise<Trouble> {
  const { address = '' } = connectionOptions
  const { code, message } = error as { readonly code?: unknown; readonly message?: string }
  return troubleOf({
    ...{ address, namespace, tls: speaksTls(connectionOptions), message: message ?? String(error) },
    code: typeof code === 'number' ? code : undefined,
    door: await lookAtDoor(address, ourTls(connectionOptions)),
  })
}
