import { readFile, readlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { beginCommand } from './command-starter.ts'

const env = { PATH: '/usr/bin:/bin' }

/** Runs a line of shell. */
async function sh(line: string): Promise<{ out: string; code: number | null }> {
  let out = ''
  const onStdout = (chunk: Buffer) => void (out += chunk.toString())
  const { ended } = await beginCommand(['sh', '-c', line], { env, output: true }, { onStdout })
  return { code: await ended, out }
}

/** Of a command that lives, whose parent is who began it. */
async function starterPid(): Promise<number> {
  return Number((await sh('echo $PPID')).out)
}

test('output comes whole, and before the end', async () => {
  const { out, code } = await sh('seq 1 200000; exit 3')
  expect(code).toBe(3)
  expect(out.endsWith('\n199999\n200000\n')).toBe(true)
})

test('sixty at once are told apart', async () => {
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      sh(`sleep 0.0${String(n % 5)}; echo ${String(n)}; exit ${String(n)}`),
    ),
  )
  expect(all).toEqual(Array.from({ length: 60 }, (_, n) => ({ out: `${String(n)}\n`, code: n })))
})

test('nothing of our environment reaches a command', async () => {
  process.env['WIKISTEAD_TEST_SECRET'] = 'told to nobody'
  expect((await sh('env')).out).not.toContain('told to nobody')
  const pid = String(await starterPid())
  expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('told to nobody')
  delete process.env['WIKISTEAD_TEST_SECRET']
})

test('what cannot be begun says why, and what comes after it is begun', async () => {
  await expect(beginCommand(['no-such-command'], { env })).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(beginCommand(['true'], { env, cwd: '/nonexistent' })).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(beginCommand(['true'], { env, uid: 2 ** 31 })).rejects.toThrow()
  expect((await sh('echo on')).out).toBe('on\n')
})

test('the starter dies amid a command: nobody waits for ever, what is detached goes on, and the next is begun by a new one', async () => {
  const before = await starterPid()
  const held = await beginCommand(['setpriv', '--pdeathsig', 'KILL', 'sleep', '86400'], { env })
  let told = ''
  const detached = await beginCommand(
    ['sh', '-c', 'echo $$; exec sleep 86401'],
    { env, detached: true, output: true },
    { onStdout: (chunk) => void (told += chunk.toString()) },
  )
  await expect.poll(() => told).not.toBe('')
  process.kill(before, 'SIGKILL')
  await expect(held.ended).rejects.toThrow('the process that begins commands has ended')
  await expect(detached.ended).rejects.toThrow()
  expect(await readlink(`/proc/${told.trim()}/exe`)).toContain('sleep')
  process.kill(Number(told), 'SIGKILL')
  expect(await starterPid()).not.toBe(before)
})
