import { pino, type DestinationStream } from 'pino'
import type { FastifyBaseLogger } from 'fastify'

/** One line of JSON an event; what could hold a secret is cut out whoever logs it. */
export function createLogger(level: string, destination?: DestinationStream): FastifyBaseLogger {
  return pino(
    {
      level,
      redact: {
        paths: [
          'req.headers.authorization',
          'req.headers.cookie',
          '*.password',
          '*.token',
          'err.sql',
          'err.parameters',
        ],
        censor: '[secret]',
      },
    },
    ...(destination === undefined ? [] : [destination]),
  )
}
