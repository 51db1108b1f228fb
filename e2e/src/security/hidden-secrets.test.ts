/** Every secret of the settings, whichever are there today and tomorrow, is hidden at every door where words go out. */
import { Writable } from 'node:stream'
import { loadConfig, settings } from '@wikistead/config'
import { Refusal } from '@wikistead/contracts'
import { createLogger } from '@wikistead/server'
import { toActivityFailure } from '@wikistead/tasks/activity-failure'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const started = new AsyncDisposableStack()
let stack: Stack
let taskId: string

beforeAll(async () => {
  // What has no farm admits tasks all the same.
  stack = started.use(await startStack({ farmUrl: 'http://127.0.0.1:9', run: ['api'] }))
  const headers = { prefer: 'respond-async' }
  const wanted = { engine: 'fedwiki', domain: 'ada' }
  const { body } = await stack.call('POST', '/v1/wikis', wanted, { headers })
  taskId = String(body['task_id'])
})
afterAll(() => started.disposeAsync())

const secrets = settings.filter(({ secret }) => secret)
const beside = {
  HOME: '/home/ada',
  WIKISTEAD_STORE_URL: 'mariadb://wiki@localhost/farm',
  WIKIFARM_SERVICE_OLD_KEY_ID: 'old',
}
const more = {
  ...beside,
  WIKI_SHARED_DB_NAME: 'hub',
  WIKISTEAD_OIDC_ISSUER: 'https://login.example.org',
  ...{ WIKISTEAD_SMTP_SERVER: 'smtps://mail.example.org', WIKISTEAD_SMTP_FROM: 'farm@example.org' },
  WIKISTEAD_SMTP_USER: 'farm',
  WIKISTEAD_OIDC_CLIENT_ID: 'us',
}

/** As libraries put it into their messages. */
function messages(secret: string): string[] {
  return [
    `connect mariadb://wiki:${encodeURIComponent(secret)}@localhost/farm failed`,
    `WRONGPASS for ${secret}`,
    `answered 401 to authorization: Basic ${Buffer.from(`wikis:${secret}`).toString('base64')}`,
    `bad body ${JSON.stringify({ password: secret })}`,
    `form ${new URLSearchParams({ client_secret: secret }).toString()}`,
  ]
}

const writings = (secret: string): string[] => [
  ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
  Buffer.from(`wikis:${secret}`).toString('base64'),
]

describe.each(secrets.map((setting) => [setting.name, setting] as const))('%s', (name, { env }) => {
  // A blank there stands between two.
  const blank = name === 'audit-key' ? '_' : ' '
  const secret = `${name}:${blank}"p@ss"/wörd${blank}${'x'.repeat(16)}`
  beforeAll(() => {
    loadConfig({ env: { ...more, [env]: secret } })
  })

  const expectHidden = (said: string) => {
    expect(said).toContain('[secret]')
    for (const written of writings(secret)) expect(said).not.toContain(written)
  }

  test('is not in the log', () => {
    const lines: string[] = []
    const log = createLogger(
      'trace',
      new Writable({ write: (chunk: Buffer, _, done) => (lines.push(chunk.toString()), done()) }),
    )
    for (const message of messages(secret)) {
      log.error({ err: new Error(message, { cause: new Error(message) }), asked: { at: message } }, message)
    }
    expect(lines).toHaveLength(messages(secret).length)
    for (const line of lines) {
      expect(() => JSON.parse(line) as unknown).not.toThrow()
      expectHidden(line)
    }
  })

  test("is not in a task's events, nor in an alarm", async () => {
    for (const message of messages(secret)) {
      await stack.store.transaction(async ({ tasks, alarms }) => {
        const event = { type: 'progress', status: 'queued', progress: 0, message } as const
        await tasks.append({ taskId, run: 1, event })
        await alarms.raise({ code: 'task_stuck', subject: name, message, mend: message, detail: { message } })
      })
      const { body: task } = await stack.call('GET', `/v1/tasks/${taskId}`)
      expectHidden(JSON.stringify(task))
      const events = await stack.store.tasks.eventsAfter(taskId, 0, 10_000)
      expectHidden(events.at(-1)?.json ?? '')
      const { body } = await stack.call<{ alarms: { subject: string }[] }>('GET', '/v1/alarms')
      expectHidden(JSON.stringify(body.alarms.find(({ subject }) => subject === name)))
    }
  })

  test('is not in what Temporal is told of a failure, nor in an answer about one', async () => {
    for (const message of messages(secret)) {
      const failure = toActivityFailure(new Refusal('command_failed', message), { attempt: 1 })
      expectHidden(failure.message)
    }
    const { status, body } = await stack.call('GET', `/v1/${encodeURIComponent(secret)}`)
    expect(status).toBe(404)
    expectHidden(JSON.stringify(body))
  })
})
