/** The one-time links of a real `wikistead start`: for whoever started it, and in no log. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findTemporalCli } from '@wikistead/processes'
import { expect, test } from 'vitest'

const command = fileURLToPath(new URL('../../../cli/bin/wikistead.js', import.meta.url))

test('a start prints a link that signs its admin in, once, and the command prints another', async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-sign-in-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const cli = await findTemporalCli({
    env: process.env,
    cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
  })
  const env = { HOME: folder, PATH: '/usr/bin:/bin' }
  const flags = ['--port=0', '--temporal-port=0', '--fedwiki-embedded-farm=false', '--console=false']
  const child = spawn(
    process.execPath,
    [command, 'start', `--data-folder=${folder}`, `--temporal-cli=${cli.path}`, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  )
  const exited = once(child, 'exit')
  started.defer(async () => {
    child.kill()
    await exited
  })
  const log = text(child.stdout)
  let link = ''
  for await (const line of createInterface(child.stderr)) {
    link = /^Sign in, .*: (http:\S+)$/.exec(line)?.[1] ?? ''
    if (link !== '') break
  }

  const follow = (url: string) => fetch(url, { redirect: 'manual' })
  const who = async (answer: Response) => {
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const session = await fetch(new URL('/v1/session', link), { headers: { cookie } })
    return ((await session.json()) as { user: { name: string } | null }).user?.name
  }
  const first = await follow(link)
  expect([first.status, first.headers.get('location'), await who(first)]).toEqual([302, '/', 'Local admin'])
  expect((await follow(link)).status).toBe(410)

  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, 'sign-in-link', `--data-folder=${folder}`],
    { env },
  )
  expect(new URL(stdout.trim()).origin).toBe(new URL(link).origin)
  expect(await who(await follow(stdout.trim()))).toBe('Local admin')

  child.kill()
  await exited
  const told = await log
  expect(told).toContain('/auth/local?[secret]')
  for (const url of [link, stdout.trim()]) {
    expect(told).not.toContain(new URL(url).searchParams.get('token') ?? 'no token')
  }
})
