import { hideSecrets } from '@wikistead/contracts/hide-secrets'
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
          'req.url',
          '*.password',
          '*.token',
          'err.sql',
          'err.parameters',
        ],
        censor: (value, path) =>
          path.at(-1) === 'url' && typeof value === 'string' ? withoutSecrets(value) : '[secret]',
      },
    },
    hiding(destination ?? pino.destination({ fd: 1, sync: true })),
  )
}

/** A line is one of JSON still: what is put instead of a secret needs no escape. */
function hiding(destination: DestinationStream): DestinationStream {
  return {
    write(line: string) {
      destination.write(hideSecrets(line))
    },
  }
}

/** Addresses that hold one: of sign-in in their query, of offers in their path. */
function withoutSecrets(url: string): string {
  if (url.startsWith('/auth/')) return url.replace(/\?.*/s, '?[secret]')
  return url.replace(/^((?:\/v1)?\/(?:transfers|hub-links|read|read-invitations)\/)[^/?]+/, '$1[secret]')
}
