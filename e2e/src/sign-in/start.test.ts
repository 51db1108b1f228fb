/** The one-time links of a real `wikistead start`: by a command that its log names, on a terminal at once, and in no log. */
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

test('the log of a start is an object a line, and names the command that prints a link, which signs its admin in once', async () => {
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
  const complaints = text(child.stderr)
  const log: string[] = []
  const named = Promise.withResolvers<string>()
  const ended = (async () => {
    for await (const line of createInterface(child.stdout)) {
      log.push(line)
      const { command: said } = JSON.parse(line) as { readonly command?: string }
      if (said !== undefined) named.resolve(said)
    }
  })()
  const printed = async () =>
    (await promisify(execFile)('sh', ['-c', await named.promise], { env })).stdout.trim()
  const link = await printed()

  const follow = (url: string) => fetch(url, { redirect: 'manual' })
  const who = async (answer: Response) => {
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const session = await fetch(new URL('/v1/session', link), { headers: { cookie } })
    return ((await session.json()) as { user: { name: string } | null }).user?.name
  }
  const first = await follow(link)
  expect([first.status, first.headers.get('location'), await who(first)]).toEqual([302, '/', 'Local admin'])
  expect((await follow(link)).status).toBe(410)

  const another = await printed()
  expect(new URL(another).origin).toBe(new URL(link).origin)
  expect(await who(await follow(another))).toBe('Local admin')

  child.kill()
  await exited
  await ended
  expect(await complaints).toBe('')
  const told = log.join('\n')
  expect(told).toContain('/auth/local?[secret]')
  for (const url of [link, another]) {
    expect(told).not.toContain(new URL(url).searchParams.get('token') ?? 'no token')
  }
})
