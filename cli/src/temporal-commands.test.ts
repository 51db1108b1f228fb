import type {} from '@wikistead/test/provided'
import { expect, inject, test } from 'vitest'
import { runCli } from '../test/run-cli.ts'

const prepare = (...args: readonly string[]) =>
  runCli(['temporal', 'prepare', '--temporal-address', inject('temporalAddress'), ...args])

test('`temporal prepare` says what it does, to people and to programs', async () => {
  const namespace = ['--temporal-namespace', 'by-command']
  const would = await prepare(...namespace, '--dry-run')
  expect(would).toMatchObject({ code: 0, stderr: '' })
  expect(would.stdout).toContain('To be done: namespace by-command is made; it keeps what has ended for 30d.')
  const done = await prepare(...namespace, '--retention', '10d', '--json')
  expect(done).toMatchObject({
    code: 0,
    last: {
      ...{ event: 'done', ok: true, namespace: 'by-command', dry_run: false, retention_seconds: 864_000 },
      steps: [{ step: 'create', retention_seconds: 864_000 }],
    },
  })
  // What a command does not use may be missing.
  const again = await prepare(...namespace, '--fedwiki-farm-url', 'http://farm.example')
  expect(again.stdout).toContain('Namespace by-command fits: it keeps what has ended for 10d.')
})

test('`temporal prepare` says what keeps it from that', async () => {
  expect(await prepare('--retention', '3h')).toMatchObject({ code: 2 })
  const away = await runCli(['temporal', 'prepare', '--temporal-address', '127.0.0.1:9', '--json'])
  expect(away).toMatchObject({ code: 6, error: { event: 'error', exit_code: 6 } })
  expect(away.error['message']).toBe(
    'Temporal: 127.0.0.1:9 does not answer. Start Temporal, or mend temporal-address.',
  )
  const none = await runCli(['temporal', 'prepare'])
  expect(none.stderr).toContain('No Temporal is named. Set temporal-address')
})
