/** Metrics for whoever asks on this machine: a worker has no API beside it, and an API tells them to operators only. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Metrics } from '@wikistead/metrics'

/** Serves `/metrics` on this machine only, until it is disposed. */
export async function serveMetrics({ registry }: Metrics, port: number): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close').catch(() => undefined)
    },
  }
}
