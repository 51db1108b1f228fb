/** The audit log as a worker seals it, checked and exported on the command line; on a scripted farm. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditSeals } from '@wikistead/contracts'
import { databaseHand, type DatabaseHand } from '@wikistead/test/database-hand'
import { startScriptedFarm } from '@wikistead/test/scripted-farm'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../test/run-cli.ts'
import { ApiClient } from './api-client.ts'
import { examineAudit } from './examine-audit.ts'

const started = new AsyncDisposableStack()
const key = 'a-key-of-the-audit-log-for-tests-only-0123'
let stack: Stack
let folder: string
let hand: DatabaseHand
beforeAll(async () => {
  const farm = started.use(await startScriptedFarm())
  stack = started.use(
    await startStack({
      ...{ farmUrl: farm.url, settings: { 'audit-key': key } },
      worker: { housekeeping: { sealEveryMs: 50 } },
    }),
  )
  hand = started.use(await databaseHand(stack.storePlace))
  folder = await mkdtemp(join(tmpdir(), 'wikistead-audit-'))
  started.defer(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key'), `${key}\n`)
})
afterAll(() => started.disposeAsync())

const cli = (...args: readonly string[]) =>
  runCli(['audit', ...args], {
    env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token, WIKISTEAD_AUDIT_KEY: key },
  })
const api = () => new ApiClient({ url: stack.url, token: stack.token, tokenFrom: '' })
const place = (name: string) => join(folder, name)

/** Some writes, each of which is refused, until they are sealed. */
async function write(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await stack.call('DELETE', '/v1/tokens/none')
  for (;;) {
    const { body } = await stack.call('GET', '/v1/audit/seals')
    if (AuditSeals.parse(body).unsealed.count === 0) return
  }
}

test('a log that nobody touched is whole, continues what was exported, and can be checked without us', async () => {
  await write(3)
  const whole = await cli('verify')
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  expect(whole.stdout).toMatch(/^3 rows under \d seals? are what was sealed\.$/m)
  expect(whole.stdout).toMatch(/^Head: \d+:[\w-]{43}$/m)
  expect(whole.stdout).toMatch(/^Made with a key since seal 1\.$/m)
  const doctor = await examineAudit(stack.config, api())
  expect(doctor).toMatchObject({
    ok: true,
    detail: expect.stringContaining('the newest seals hold') as string,
  })

  const first = await cli('export', '--state', place('state'))
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^\d seals? were exported/) as string,
  })
  expect(first.events.filter((line) => 'audit_id' in line)).toHaveLength(3)
  await write(2)
  const second = await cli('export', '--state', place('state'))
  expect(second.events.filter((line) => 'audit_id' in line).map((line) => line['audit_id'])).toEqual([4, 5])
  expect((await cli('export', '--state', place('state'))).stdout).toBe('')
  await writeFile(place('a.jsonl'), first.stdout)
  await writeFile(place('b.jsonl'), second.stdout)

  const nobody = { env: { WIKISTEAD_API: 'http://127.0.0.1:9' } }
  const copy = ['audit', 'verify', '--key-file', place('key'), '--export', place('a.jsonl'), place('b.jsonl')]
  expect((await runCli(copy, nobody)).stdout).toMatch(/^5 rows under \d seals are what was sealed/)
  const part = [...copy.slice(0, -2), place('b.jsonl'), '--anchor', place('state')]
  expect((await runCli(part, nobody)).stdout).toMatch(/^2 rows under/)
  await writeFile(place('c.jsonl'), first.stdout.replace('token/none', 'token/some'))
  expect(await runCli([...copy.slice(0, -2), place('c.jsonl'), '--json'], nobody)).toMatchObject({
    ...{ code: 7, error: { code: 'not_as_sealed' } },
    events: [{ event: 'finding', kind: 'changed', ids: [1] }, { event: 'checked' }],
  })
  await appendFile(place('b.jsonl'), '{"audit_id":9')
  expect(await runCli(copy, nobody)).toMatchObject({ code: 2 })
})

test('a seal that was written down is looked for; what is no anchor is a mistake', async () => {
  const head = (await readFile(place('state'), 'utf8')).trim()
  expect(await cli('verify', '--anchor', head, place('state'))).toMatchObject({ code: 0 })
  const other = await cli('verify', '--anchor', `1:${'x'.repeat(43)}`)
  expect(other).toMatchObject({ code: 7 })
  expect(other.stdout).toMatch(/^Seal 1:x{43} was written down, and is not in the chain\.$/m)
  expect(await cli('verify', '--anchor', 'yesterday', '--json')).toMatchObject({ code: 2 })
})

test('who may not operate gets none of it, and without the key the seals say nothing', async () => {
  const { token } = await stack.newMember('mia')
  await write(0)
  for (const command of ['verify', 'export']) {
    const refused = await runCli(['audit', command, '--json'], {
      env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: token },
    })
    expect(refused).toMatchObject({ code: 3, error: { code: 'forbidden' } })
  }
  const without = await runCli(['audit', 'verify'], {
    env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token },
  })
  expect(without).toMatchObject({ code: 7 })
  expect(without.stdout).toMatch(/^Seal 1 was made with the key [0-9a-f]{16}, which is not at hand\.$/m)
})

test('what an administrator of the database changed is told, by row, and operators without asking', async () => {
  await hand.run('drop trigger wikifarm_audit_no_update; drop trigger wikifarm_audit_no_delete')
  await hand.run("update wikifarm_audit set subject = 'token/other' where audit_id = 2")
  await hand.run('delete from wikifarm_audit where audit_id = 4')
  const { code, stdout } = await cli('verify')
  expect(code).toBe(7)
  expect(stdout).toMatch(/^Row 2 \(seal \d+\): not as sealed\.$/m)
  expect(stdout).toMatch(/^Row 4 \(seal \d+\): sealed, and gone\.$/m)
  expect(await examineAudit(stack.config, api())).toMatchObject({
    ...{ ok: false, needed: true, detail: expect.stringMatching(/^Row \d/) as string },
  })
  for (;;) {
    const { body } = await stack.call('GET', '/v1/alarms')
    if (JSON.stringify(body).includes('"audit_changed"')) break
  }
  // The export tells it to whoever has it, too.
  await writeFile(place('d.jsonl'), (await cli('export')).stdout)
  expect(await cli('verify', '--export', place('d.jsonl'))).toMatchObject({ code: 7 })
})

test('an export does not go on from a chain that was made anew', async () => {
  const state = await readFile(place('state'), 'utf8')
  await writeFile(place('state'), state.replace(/:.*/, `:${'x'.repeat(43)}`))
  expect(await cli('export', '--state', place('state'), '--json')).toMatchObject({
    ...{ code: 7, stdout: '', error: { code: 'not_as_sealed' } },
  })
})
