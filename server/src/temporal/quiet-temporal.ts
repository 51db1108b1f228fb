import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import type { FastifyBaseLogger } from 'fastify'

let installed = false

/**
 * Temporal's own words go to our log, from warnings up, and its metrics to a port of this machine where one is named; the
 * first call in a process decides. Call it right before a connection is made: what it installs keeps the process alive
 * until a connection was made and closed.
 */
export function logTemporal(logger: FastifyBaseLogger, metricsPort?: number): void {
  if (installed) return
  installed = true
  const warnings = new DefaultLogger('WARN', ({ level, message, meta = {} }) => {
    // As it is meant to be with the queues of activities alone.
    if (message.startsWith('No workflows registered')) return
    const { activityType, workflowId } = meta as Readonly<Record<string, unknown>>
    const say = level === 'ERROR' ? logger.error.bind(logger) : logger.warn.bind(logger)
    say({ activity: activityType, workflow_id: workflowId }, message)
  })
  // Whoever runs this process ends it in its own order.
  Runtime.install({
    logger: warnings,
    shutdownSignals: [],
    // The SDK's native core would write to the terminal past every log level.
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} },
      ...(metricsPort !== undefined && {
        metrics: { prometheus: { bindAddress: `127.0.0.1:${String(metricsPort)}` } },
      }),
    },
  })
}
