/**
 * Temporal's client tries a failed call again after a while, and goes on with that after its connection was closed:
 * then each try throws where nobody can catch it, and ends the process. Inside of those retries this makes it a call
 * that fails like any other.
 */
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client'

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number]
type Call = ReturnType<Interceptor>
type Start = Parameters<Call['start']>

/** One that connects when it is first used, and whose retries end with it. */
export const openConnection = (options: ConnectionOptions): Connection =>
  Connection.lazy({
    ...options,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithConnection],
  })

const endWithConnection: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call
  } catch (error) {
    return endedCall(error instanceof Error ? error.message : 'the connection was closed') as Call
  }
}

/** gRPC's `CANCELLED`, which is never tried again. */
const cancelled = 1

function endedCall(
  details: string,
): Pick<Call, 'start' | 'sendMessage' | 'halfClose' | 'cancelWithStatus' | 'getPeer'> {
  return {
    start(metadata: Start[0], listener: Start[1]) {
      listener?.onReceiveMessage?.(null)
      listener?.onReceiveStatus?.({ code: cancelled, details, metadata })
    },
    sendMessage: () => undefined,
    halfClose: () => undefined,
    cancelWithStatus: () => undefined,
    getPeer: () => 'closed',
  }
}
