/** The lines of docs/sign-in.md, run by a real nginx before a real API. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localCounter } from '@wikistead/api'
import { chooseFreePort, superviseChild } from '@wikistead/processes'
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { unpackPackages } from '@wikistead/test/debian-program'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkProxy } from './proxy-check.ts'

const started = new AsyncDisposableStack()
let folder: string
let nginx: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-proxy-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const packages = join(folder, 'packages')
  await mkdir(packages)
  nginx = join(await unpackPackages(['nginx'], packages), 'usr/sbin/nginx')
})
afterAll(() => started.disposeAsync())

/** An API behind nginx; `without` is left out of the lines of the docs. */
async function startBehindNginx(trustedProxies: readonly string[], without?: RegExp) {
  const stack = new AsyncDisposableStack()
  const rateLimits = { user: 1_000, address: 40, costly: 30, counter: localCounter() }
  const api = stack.use(await startApiUnderTest({ deps: { trustedProxies, rateLimits } }))
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port: behind } = api.app.server.address() as AddressInfo
  const port = await chooseFreePort('127.0.0.1')
  const page = await readFile(new URL('../../../docs/sign-in.md', import.meta.url), 'utf8')
  const server = (/```nginx\n([^]*?)```/.exec(page)?.[1] ?? '')
    .replace('listen 443 ssl', `listen 127.0.0.1:${String(port)}`)
    .replace('127.0.0.1:8410', `127.0.0.1:${String(behind)}`)
    .replace(without ?? 'nothing', '')
  const place = await mkdtemp(join(folder, 'nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${place}/${name};`)
    .join(' ')
  await writeFile(
    join(place, 'nginx.conf'),
    `daemon off; user root; worker_processes 1; pid ${place}/pid; error_log stderr;
     events {} http { access_log off; ${temporary} ${server} }`,
  )
  const publicUrl = `http://127.0.0.1:${String(port)}`
  stack.use(
    await superviseChild({
      ...{ name: 'nginx', command: nginx, args: ['-p', place, '-c', join(place, 'nginx.conf')] },
      ...{ env: { PATH: '/usr/bin:/bin' }, logFile: join(place, 'log') },
      ready: async (signal) => {
        while ((await fetch(`${publicUrl}/healthz`).catch(() => undefined)) === undefined) {
          await sleep(25, undefined, { signal })
        }
      },
    }),
  )
  const check = () => checkProxy({ publicUrl, trustedProxies } as Parameters<typeof checkProxy>[0])
  const tries = async (path: string) => {
    const statuses: number[] = []
    for (let n = 0; n < 90; n += 1) {
      const headers = { 'x-forwarded-for': `198.51.100.${String(n)}` }
      statuses.push((await fetch(publicUrl + path, { headers, redirect: 'manual' })).status)
    }
    return statuses
  }
  return { ...{ api, publicUrl, check, tries }, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('with the lines of the docs nobody says of themselves who they are', async () => {
  await using behind = await startBehindNginx(['127.0.0.1'])
  expect(await behind.check()).toMatchObject({ ok: true })
  expect((await behind.tries('/auth/local?token=guessed')).filter((status) => status === 410)).toHaveLength(
    30,
  )
})

test('a proxy that passes on what visitors say of themselves is found', async () => {
  await using behind = await startBehindNginx(['127.0.0.1'], /proxy_set_header.*/)
  expect(await behind.check()).toMatchObject({
    ...{ ok: false, needed: true },
    mend: expect.stringContaining('proxy_set_header X-Forwarded-For $remote_addr;') as string,
  })
})

test('a proxy that nobody named makes all visitors one, who keeps nobody out that has a link', async () => {
  await using behind = await startBehindNginx([], /proxy_set_header.*/)
  expect(await behind.check()).toMatchObject({
    ...{ ok: false, needed: false },
    mend: expect.stringContaining('trusted-proxies') as string,
  })
  expect((await behind.tries('/auth/local?token=guessed')).filter((status) => status === 410)).toHaveLength(
    30,
  )
  const { api } = behind
  const admin = await api.user('root', 'admin')
  const { url } = (await api.ask('POST', '/auth/local', { as: admin })).body as { url: string }
  const link = behind.publicUrl + url.slice(url.indexOf('/auth/'))
  const entered = await fetch(link, { redirect: 'manual' })
  expect([entered.status, entered.headers.get('location')]).toEqual([302, '/'])
})

test('where nothing answers, it is said', async () => {
  const publicUrl = `http://127.0.0.1:${String(await chooseFreePort('127.0.0.1'))}`
  expect(
    await checkProxy({ publicUrl, trustedProxies: [] } as unknown as Parameters<typeof checkProxy>[0]),
  ).toMatchObject({ ok: false, needed: false, detail: expect.stringContaining('ECONNREFUSED') as string })
})
