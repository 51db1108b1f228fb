/** The secret between the hub's extension and the service is changed while members use the hub: real MediaWiki signs with it. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rotateServiceSecret } from '@wikistead/server/rotate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { keepAsking, rotate } from '../../test/cut-rotation.ts'
import { rest, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const started = new AsyncDisposableStack()
let hub: HubWorld
let grace: Visitor
let file: string

beforeAll(async () => {
  hub = started.use(await startHubWorld())
  grace = await hub.member('Ada')
  file = hub.world.stack.config.wikifarmServiceSecret?.file ?? ''
})
afterAll(() => started.disposeAsync())

const secrets = async () => (await readFile(file, 'utf8')).trim().split('\n')
const signsWith = async () => {
  const ini = await readFile(join(hub.world.wikisFolder, 'hub/pubwiki.ini'), 'utf8')
  return /^WIKIFARM_SERVICE_SECRET="(.*)"$/m.exec(ini)?.[1]
}
/** A page of the hub that asks the service, in the member's name. */
const ask = async (): Promise<string | undefined> => {
  const { status, text } = await rest(grace, hub.hub, 'GET', '/users/me/wikis')
  return status === 200 ? undefined : `the hub answered ${String(status)}: ${text.slice(0, 300)}`
}

test(
  'killed between any two steps and repeated, no request of the hub fails, and the old one is none then',
  { timeout: 400_000 },
  async () => {
    const { stack } = hub.world
    const flags = ['service-secret', ...stack.flags]
    const home = stack.folder
    const [old = ''] = await secrets()
    expect(await signsWith()).toBe(old)
    await using members = keepAsking(ask)
    await members.more(3)

    const first = await rotate(flags, { home, killedAt: 'both_taken' })
    expect(first, first.said).toMatchObject({ code: null, steps: ['both_taken'] })
    const [before, next = ''] = await secrets()
    expect([before, await signsWith()]).toEqual([old, old])
    await members.more(3)

    const second = await rotate(flags, { home, killedAt: 'new_used' })
    expect(second, second.said).toMatchObject({ code: null })
    expect(second.steps.slice(0, 3)).toEqual(['resumed', 'both_taken', 'new_used'])
    expect(await secrets()).toEqual([next, old])
    expect(await signsWith()).toBe(next)
    await members.more(3)

    const steps: string[] = []
    await rotateServiceSecret(stack.config, { graceMs: 3_000, onStep: (step) => void steps.push(step) })
    expect(steps).toEqual(['resumed', 'new_used', 'waiting', 'old_dropped'])
    expect(await secrets()).toEqual([next])
    await members.more(3)
    expect(members.failures).toEqual([])

    const audit = await stack.store.audit.list({ limit: 100, subject: 'setting/wikifarm-service-secret' })
    expect(audit.map(({ action }) => action)).toEqual(['rotate ended', 'rotate begun'])
  },
)

test('an API that does not take the new one keeps the hub at the old one', async () => {
  const { stack } = hub.world
  const [now = ''] = await secrets()
  // As one on another machine, which has a file of its own.
  const elsewhere = join(stack.folder, 'elsewhere')
  await writeFile(elsewhere, now, { mode: 0o600 })
  const { startApiProcess } = await import('../../test/processes/api-process.ts')
  const own = stack.flags.map((flag) =>
    flag.startsWith('--wikifarm-service-secret-file=') ? `--wikifarm-service-secret-file=${elsewhere}` : flag,
  )
  {
    await using other = await startApiProcess({ ...stack, flags: own }, 'elsewhere-api')
    const { code, said } = await rotate(['service-secret', ...stack.flags], { home: stack.folder })
    expect(code).toBe(6)
    expect(said).toContain(`not taken yet by the API at ${other.url}`)
    expect(await signsWith()).toBe(now)
    expect(await ask()).toBeUndefined()
    // It gets the file, and the same command goes on.
    await writeFile(elsewhere, await readFile(file, 'utf8'))
    await rotateServiceSecret(stack.config, { graceMs: 100 })
  }
  expect(await signsWith()).not.toBe(now)
  expect(await ask()).toBeUndefined()
  await rm(elsewhere)
})
