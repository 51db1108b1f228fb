/**
 * The web console, from a folder of files that was built before. What has a hash in its name is kept for ever; the page
 * itself is asked for again each time. The pages' paths are the console's own; nothing of the API stands below them.
 */
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { consolePages } from '@wikistead/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Own files only, no inline script or style; Codex draws its icons from data addresses in its sheet. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const pageHeaders = {
  'content-security-policy': policy,
  'cache-control': 'no-cache',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
} as const

export async function consoleFiles(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    index: false,
    setHeaders: (reply) => {
      void reply.header('x-content-type-options', 'nosniff')
    },
  })
  const page = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => sendPage(reply, folder)
  const hidden = { schema: { hide: true } }
  app.get('/icon.svg', hidden, (_request, reply) =>
    reply
      .header('x-content-type-options', 'nosniff')
      .sendFile('icon.svg', folder, { maxAge: '1d', immutable: false }),
  )
  // Asked for by browsers of themselves, beside whatever page they show.
  app.get('/favicon.ico', hidden, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=86400').redirect('/icon.svg', 301),
  )
  app.get('/', hidden, page)
  for (const name of consolePages) {
    app.get(`/${name}`, hidden, page)
    app.get(`/${name}/*`, hidden, page)
  }
}

const sendPage = (reply: FastifyReply, folder: string): FastifyReply =>
  reply.headers(pageHeaders).sendFile('index.html', folder, { cacheControl: false })

/** Who opens a page that there is not sees the console say so; programs are told by a problem. */
export const missingPage =
  (folder: string) =>
  ({ method, url, headers }: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const wanted = method === 'GET' && headers.accept?.includes('text/html') === true
    if (!wanted || apiPaths.test(url)) return undefined
    return sendPage(reply.code(404), folder)
  }

const apiPaths = /^\/(?:v1|auth|provisioner|reference|problems|assets)(?:[/?]|$)/
