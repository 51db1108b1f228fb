/** Over a real Redis with TLS, whose certificate is of an authority of this test's own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseFreePort } from '@wikistead/processes'
import { makeCertificates } from '@wikistead/test/certificates'
import { expect, test } from 'vitest'
import { startRedisServer } from '@wikistead/live/test/redis-server'
import { redisLive, tailingLive } from '@wikistead/live'

test.each([
  ['server', 'authority', true, /^Redis at rediss:/],
  ['server', 'strangeAuthority', false, /it shows a certificate of an authority that is not trusted here/],
  ['forAnotherName', 'authority', false, /it shows a certificate that is for another name/],
  ['expired', 'authority', false, /it shows a certificate that has expired/],
] as const)('a Redis with the certificate %s, which is to be of %s', async (shown, trusted, ok, words) => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-redis-tls-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const certificates = await makeCertificates(folder)
  const { cert, key } = certificates[shown]
  const port = await chooseFreePort('127.0.0.1')
  const redis = started.use(
    await startRedisServer(undefined, [
      ...['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-ca-cert-file', certificates.authority.cert, '--tls-auth-clients', 'no'],
    ]),
  )
  const live = started.use(
    redisLive({
      ...{ server: `rediss://127.0.0.1:${String(port)}`, password: redis.password },
      ca: await readFile(certificates[trusted].cert, 'utf8'),
      fallback: tailingLive({ lastSeqs: async () => new Map() }),
    }),
  )
  await expect.poll(() => live.health().detail).toMatch(words)
  await expect.poll(() => live.health().ok).toBe(ok)
})
