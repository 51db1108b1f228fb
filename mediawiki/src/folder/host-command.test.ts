import { expect, test } from 'vitest'
import { processesWith, startStep } from '../../test/step-process.ts'
import { runHostCommand } from './host-command.ts'

/** Sleeps that nobody else sleeps. */
const asleep = (digits: number) => `86400.${String(process.pid)}${String(digits)}`

test('it tells how it ended, in words that do not depend on the system', async () => {
  const output: Buffer[] = []
  expect(await runHostCommand(['echo', 'done'], { onOutput: (chunk) => output.push(chunk) })).toBeUndefined()
  expect(Buffer.concat(output).toString()).toBe('done\n')
  expect(await runHostCommand(['ls', '/nonexistent'])).toContain('No such file or directory')
  expect(await runHostCommand(['false'])).toBe('exit code 1')
  expect(await runHostCommand(['no-such-command'])).toContain('No such file or directory')
})

test('aborted, it has ended before the reason is thrown', async () => {
  const stop = new AbortController()
  const running = runHostCommand(['sleep', asleep(1)], { signal: stop.signal })
  await expect.poll(() => processesWith(asleep(1))).toHaveLength(1)
  const reason = new Error('cancelled')
  stop.abort(reason)
  await expect(running).rejects.toBe(reason)
  expect(await processesWith(asleep(1))).toEqual([])
  await expect(runHostCommand(['sleep', asleep(1)], { signal: stop.signal })).rejects.toBe(reason)
})

test('it ends with a worker that is killed', async () => {
  await using worker = startStep('runHostCommand', ['sleep', asleep(2)])
  const commands = async () => (await processesWith(asleep(2))).length
  // The worker itself has the words in its command line too.
  await expect.poll(commands).toBe(2)
  await worker.kill()
  await expect.poll(commands).toBe(0)
})
