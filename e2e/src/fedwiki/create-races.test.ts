/** Many at once want the same thing of a real farm: who gets it, what the others are told, and what is on the farm. */
import { eventually } from '@wikistead/test/eventually'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createOwnerLink } from '@wikistead/fedwiki-farm'
import { Visitor } from '@wikistead/fedwiki-farm/test/visitor'
import {
  startStack,
  startTestFarm,
  testOwnerLinkKey,
  testParentDomain,
  type Answer,
  type FarmForTests,
  type Stack,
} from '@wikistead/test/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApiProcess } from '../../test/processes/api-process.ts'

const taken = 'A site with this name already exists. Please choose a different name.'
const full = (label: string) => `${label}.${testParentDomain}`
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

const started = new AsyncDisposableStack()
let farm: FarmForTests
beforeAll(async () => {
  farm = started.use(await startTestFarm())
})
afterAll(() => started.disposeAsync())

interface Member {
  readonly id: number
  readonly name: string
  readonly subject: string
  readonly token: string
}

/** One Wikistead: where its APIs answer, in turn, and what is in its store. */
interface World extends AsyncDisposable {
  readonly stack: Stack
  call(
    member: Member | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Headers,
  ): Promise<Answer>
  member(name: string, siteLimit?: number): Promise<Member>
}
type Headers = Readonly<Record<string, string>>

function worldOf(stack: Stack, apis: readonly { url: string; token: string }[]): World {
  let turn = 0
  const call: World['call'] = (member, method, path, body, headers = {}) => {
    const api = apis[turn++ % apis.length]
    return stack.call(method, path, body, {
      ...{ url: api?.url ?? '', token: member?.token ?? api?.token ?? '' },
      headers: { prefer: 'wait=60', ...headers },
    })
  }
  return {
    stack,
    call,
    async member(name, siteLimit) {
      const subject = `sub-of-${name}`
      const { body } = await call(undefined, 'POST', '/v1/users', {
        ...{ name, subject },
        ...(siteLimit !== undefined && { site_limit: siteLimit }),
      })
      const { user, token } = body as { user: { id: number }; token: string }
      return { id: user.id, name, subject, token }
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}

const oneApi = async (): Promise<World> => {
  const stack = await startStack({ farmUrl: farm.url })
  return worldOf(stack, [stack])
}

const twoApis = async (): Promise<World> => {
  await using opened = new AsyncDisposableStack()
  const stack = opened.use(await startStack({ farmUrl: farm.url, storeEngine: 'mariadb', run: ['worker'] }))
  const apis = [
    opened.use(await startApiProcess(stack, 'first-api')),
    opened.use(await startApiProcess(stack, 'second-api')),
  ]
  const running = opened.move()
  return { ...worldOf(stack, apis), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

const create = (world: World, member: Member, label: string, headers?: Headers) =>
  world.call(member, 'POST', '/v1/wikis', { engine: 'fedwiki', domain: label }, headers)

/** The farm's own file, byte for byte. */
const ownerJson = (label: string) =>
  readFile(join(farm.farm.sitesFolder, full(label), 'status/owner.json'), 'utf8')
const ownedBy = ({ name, subject }: Member) =>
  JSON.stringify({ name, oauth2: { id: subject, username: name } }, null, 2)

/** What the farm says when the member, signed in at the site, saves a page there. */
async function savePage({ name, subject: sub }: Member, label: string): Promise<number> {
  const siteUrl = `http://${full(label)}:${new URL(farm.url).port}`
  const visitor = new Visitor()
  await visitor.open(createOwnerLink({ key: testOwnerLinkKey, siteUrl, sub, name }))
  return visitor.writePage(siteUrl, 'a-page', 'saved')
}

async function expectOwned(label: string, owner: Member, other: Member): Promise<void> {
  expect(await ownerJson(label)).toBe(ownedBy(owner))
  expect(await savePage(owner, label)).toBe(200)
  expect(await savePage(other, label)).toBe(403)
}

describe.each([
  ['one API, SQLite', 'q', oneApi],
  ['two API processes, MariaDB', 'm', twoApis],
] as const)('%s', (_, prefix, start) => {
  let world: World
  beforeAll(async () => {
    world = await start()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  test.each([
    ['one user', 1],
    ['twenty users', 20],
  ])('twenty creations of one site at once by %s: one winner, whose site it is', async (_, count) => {
    const label = `${prefix}-same-by-${String(count)}`
    const members = await Promise.all(times(count, (index) => world.member(`${label}-${String(index)}`)))
    const asking = times(20, (index) => members[index % count] as Member)
    const answers = await Promise.all(asking.map((member) => create(world, member, label)))
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused.map(({ status, body }) => [status, body['code'], body['detail']])).toEqual(
      times(19, () => [409, 'name_taken', taken]),
    )
    const won = answers.findIndex(({ status }) => status === 201)
    expect(answers[won]?.body).toMatchObject({ address: full(label), status: 'active' })
    const rows = await world.stack.store.wikis.list({ text: full(label), limit: 50 })
    const [winner, stranger] = [asking[won] as Member, await world.member(`${label}-stranger`)]
    expect(rows.map(({ owner_id: owner }) => owner)).toEqual([winner.id])
    await expectOwned(label, winner, asking.find(({ id }) => id !== winner.id) ?? stranger)
  })

  test('twenty sites at once by a user with one place left: one is on the farm', async () => {
    const member = await world.member(`${prefix}-frugal`, 2)
    expect((await create(world, member, `${prefix}-first`)).status).toBe(201)
    const labels = times(20, (index) => `${prefix}-place-${String(index)}`)
    const answers = await Promise.all(labels.map((label) => create(world, member, label)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(
      answers.filter(({ status, body }) => status === 403 && body['code'] === 'quota_reached'),
    ).toHaveLength(19)
    const folders = await readdir(farm.farm.sitesFolder)
    expect(folders.filter((folder) => folder.startsWith(`${prefix}-place-`))).toHaveLength(1)
    const mine = await world.call(member, 'GET', '/v1/users/me/wikis')
    expect(mine.body['wikis']).toHaveLength(2)
  })

  test('ten requests with one key at once: one site, one answer, also after the end', async () => {
    const member = await world.member(`${prefix}-careful`)
    const key = { 'idempotency-key': `${prefix}-once` }
    const label = `${prefix}-once`
    const answers = await Promise.all(times(10, () => create(world, member, label, key)))
    expect(answers.map(({ status }) => status)).toEqual(times(10, () => 201))
    const later = await create(world, member, label, key)
    expect(new Set([...answers, later].map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await create(world, member, `${prefix}-other`, key)).toMatchObject({
      ...{ status: 422, body: { code: 'idempotency_mismatch' } },
    })
    expect((await create(world, await world.member(`${prefix}-rival`), label, key)).status).toBe(409)
  })
})

describe('creating, deleting, restoring and purging at once', () => {
  let world: World
  let ada: Member
  let bob: Member
  beforeAll(async () => {
    world = await oneApi()
    ada = await world.member('ada')
    bob = await world.member('bob')
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const path = ({ body }: Answer) => `/v1/wikis/${String(body['id'])}`
  const row = ({ body }: Answer) => world.stack.store.wikis.get(Number(body['id']))
  /** What a visitor finds; undefined when there is no site. */
  const serving = async (label: string) => {
    const folders = await readdir(farm.farm.sitesFolder)
    if (!folders.includes(full(label))) return undefined
    const { body } = await new Visitor().ask(
      `http://${full(label)}:${new URL(farm.url).port}/welcome-visitors.json`,
    )
    return body.includes('has been archived') ? 'archived' : 'there'
  }
  const busy = (answer: Answer) =>
    answer.status === 409 && answer.body['code'] === 'busy' && detailsOf(answer)['task_id'] !== undefined
  const detailsOf = ({ body }: Answer) => ({ task_id: body['task_id'] })

  test('a creation while the name is purged: the new owner has all of it, or the name is taken', async () => {
    for (let round = 0; round < 5; round += 1) {
      const label = `reborn-${String(round)}`
      const made = await create(world, ada, label)
      const [purged, created] = await Promise.all([
        world.call(ada, 'DELETE', `${path(made)}?now=1`),
        create(world, bob, label),
      ])
      expect(purged).toMatchObject({ status: 200, body: { status: 'deleted' } })
      if (created.status !== 201) {
        expect(created).toMatchObject({ status: 409, body: { code: 'name_taken', detail: taken } })
        expect((await create(world, bob, label)).status).toBe(201)
      }
      await expectOwned(label, bob, ada)
    }
  })

  test('a restoration and a purge: one is done, and the farm and the row agree', async () => {
    for (let round = 0; round < 5; round += 1) {
      const label = `wanted-${String(round)}`
      const made = await create(world, ada, label)
      await world.call(ada, 'DELETE', path(made))
      const [restored, purged] = await Promise.all([
        world.call(ada, 'POST', `${path(made)}/restore`),
        world.call(ada, 'DELETE', `${path(made)}?now=1`),
      ])
      expect([200, 409]).toContain(restored.status)
      expect(restored.status === 200 || purged.status === 200).toBe(true)
      if (purged.status !== 200) expect(purged).toSatisfy(busy)
      const { status, task_id: task } = await row(made)
      expect([status, task]).toEqual([purged.status === 200 ? 'deleted' : 'active', null])
      expect(await serving(label)).toBe(purged.status === 200 ? undefined : 'there')
    }
  })

  test('ten deletions at once take the site into its undo window, and no further', async () => {
    const made = await create(world, ada, 'doubly')
    const answers = await Promise.all(times(10, () => world.call(ada, 'DELETE', path(made))))
    for (const answer of answers) {
      if (answer.status === 200) expect(answer.body).toMatchObject({ status: 'archived' })
      else expect(answer).toSatisfy(busy)
    }
    expect(await world.call(ada, 'DELETE', path(made))).toMatchObject({ body: { status: 'archived' } })
    expect(await world.call(ada, 'POST', `${path(made)}/restore`)).toMatchObject({ status: 200 })
    expect(await serving('doubly')).toBe('there')
  })

  test('a change and a deletion: one of them is told whose turn it is', async () => {
    const made = await create(world, ada, 'changing')
    // What is not waited for is still under way when the next one comes.
    const deleting = await world.call(ada, 'DELETE', path(made), undefined, { prefer: 'respond-async' })
    const changed = await world.call(ada, 'PATCH', path(made), { serving: 'readonly', name: 'Changed' })
    expect(deleting.status).toBe(202)
    if (changed.status === 409) expect(changed.body).toMatchObject({ code: 'busy', ...detailsOf(deleting) })
    else expect(changed).toMatchObject({ status: 404, body: { code: 'wiki_not_found' } })
    await eventually(async () => expect(await row(made)).toMatchObject({ status: 'archived', task_id: null }))
    expect(await row(made)).toMatchObject({ name: full('changing'), serving: 'active' })
    expect(await serving('changing')).toBe('archived')
  })
})
