import type { FastifyInstance } from 'fastify'

/** Once: with a proxy that nobody named, all visitors count as one, and who asks too often makes others wait. */
export function tellOfUnknownProxy(app: FastifyInstance, trusted: readonly string[]): void {
  let told = trusted.length > 0
  app.addHook('onRequest', async ({ headers, ip, log }) => {
    if (told || headers['x-forwarded-for'] === undefined) return
    told = true
    log.warn(
      { address: ip },
      'a request came with X-Forwarded-For, and trusted-proxies is empty: if a proxy of yours has this address, name it there',
    )
  })
}
