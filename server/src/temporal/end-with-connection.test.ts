import { chooseFreePort } from '@wikistead/processes'
import { expect, test } from 'vitest'
import { openClient } from './connect-temporal.ts'

test('what is tried again after the connection was closed fails, and does not end the process', async () => {
  const address = `127.0.0.1:${String(await chooseFreePort('127.0.0.1'))}`
  const client = openClient({ connectionOptions: { address }, namespace: 'default', explanation: '' })
  const ask = (withinMs: number) =>
    client.connection.withDeadline(Date.now() + withinMs, () =>
      client.workflowService.describeNamespace({ namespace: 'default' }),
    )
  const calls = Array.from({ length: 5 }, () => ask(20_000))
  const ended = Promise.allSettled(calls)
  // By then the first tries have failed, and the next ones are waited for.
  await expect(ask(500)).rejects.toThrow()
  await client.connection.close()
  expect((await ended).map(({ status }) => status)).toEqual(calls.map(() => 'rejected'))
})
