/**
 * The site as others meet it, through the guard: it serves, it belongs to its owner, and nobody else can write.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Started } from '@wikistead/server'
import { CommandFailure } from '../errors.ts'
import { ask } from './ask.ts'
import type { DemoSite } from './ensure-site.ts'
import type { Steps } from './steps.ts'

type Door = NonNullable<Started['farm']>['door']

const patienceMs = 30_000

/** @throws CommandFailure that says what is not as it should be */
export async function checkSite(door: Door, { wiki, owner }: DemoSite, steps: Steps): Promise<void> {
  const { address } = wiki
  await steps.run(
    'serves',
    'asking the site for its first page',
    () => untilItServes(door.url, address),
    ({ title }) => `GET ${wiki.url}/welcome-visitors.json: 200, “${title}”`,
  )
  await steps.run(
    'owner.json',
    'asking the farm for the owner',
    async () => {
      const answer = await ask(door.url, door.adminHost, `/plugin/farmmanager/sites/${address}`, {
        headers: { authorization: `Bearer ${door.token()}` },
      })
      const { owner: found } = parsed(answer.body) as { readonly owner?: { readonly name?: unknown } }
      const right = { name: found?.name, oauth2: { id: owner.subject, username: found?.name } }
      if (answer.status === 200 && isDeepStrictEqual(found, right)) return String(found?.name)
      throw wrong(`owner.json of ${address} does not name ${owner.subject} (HTTP ${String(answer.status)})`)
    },
    (name) => `names ${name} (${owner.subject})`,
  )
  await steps.run(
    'visitors',
    'trying to save a page as a stranger',
    async () => {
      const { status } = await ask(door.url, address, '/page/a-strangers-page/action', {
        method: 'PUT',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ action: strangersPage }).toString(),
      })
      if (status !== 403) throw wrong(`a stranger who saves a page on ${address} gets HTTP ${String(status)}`)
    },
    () => 'may read, and are refused when they save (403)',
  )
}

const strangersPage = JSON.stringify({
  type: 'create',
  id: '0123456789abcdef',
  item: { title: 'A Stranger’s Page', story: [] },
  date: 0,
})

async function untilItServes(farmUrl: string, host: string): Promise<{ readonly title: string }> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const { status, body } = await ask(farmUrl, host, '/welcome-visitors.json').catch((error: unknown) => ({
      ...{ status: 0, body: String(error) },
    }))
    const { title } = parsed(body) as { readonly title?: unknown }
    if (status === 200 && typeof title === 'string') return { title }
    if (performance.now() > deadline) throw wrong(`${host} does not serve (HTTP ${String(status)})`)
    await sleep(100)
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}

function wrong(what: string): CommandFailure {
  return new CommandFailure('fault', `The demo’s site is not as it should be: ${what}.`, {
    code: 'site_check',
  })
}
