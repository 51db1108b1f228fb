import { Writable } from 'node:stream'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { createLogger } from './log.ts'

test('no secret of an address is logged', async () => {
  const lines: string[] = []
  const kept = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const app = fastify({ loggerInstance: createLogger('info', kept) })
  app.setNotFoundHandler(() => '')
  for (const url of [
    '/auth/local?token=SECRET',
    '/auth/callback?state=x\n&code=SECRET',
    '/v1/transfers/SECRET/accept?x=1',
    '/transfers/SECRET',
    '/read/SECRET',
    '/v1/read-invitations/SECRET/accept',
    '/v1/hub-links/SECRET/accept',
    '/v1/wikis?q=kept',
  ]) {
    await app.inject({ url, headers: { authorization: 'Bearer SECRET', cookie: 'wikistead-session=SECRET' } })
  }
  await app.close()
  const urls = lines.flatMap((line) => {
    const { req } = JSON.parse(line) as { req?: { url: string } }
    return req === undefined ? [] : [req.url]
  })
  expect(urls).toEqual([
    '/auth/local?[secret]',
    '/auth/callback?[secret]',
    '/v1/transfers/[secret]/accept?x=1',
    '/transfers/[secret]',
    '/read/[secret]',
    '/v1/read-invitations/[secret]/accept',
    '/v1/hub-links/[secret]/accept',
    '/v1/wikis?q=kept',
  ])
  expect(lines.filter((line) => line.includes('SECRET'))).toEqual([])
})
