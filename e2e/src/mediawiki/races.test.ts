/** Who asks for one slug at once, and slugs that nobody gets. */
import type { Answer } from '@wikistead/test/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAnotherApi } from '../../test/processes/another-api.ts'
import { MediaWikiEnds } from '../../test/mediawiki/mediawiki-ends.ts'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { startApiProcess } from '../../test/processes/api-process.ts'

const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let ends: MediaWikiEnds
/** Two processes over one MariaDB: nothing but the store keeps them apart. */
let apis: readonly string[]

beforeAll(async () => {
  world = started.use(await startMediaWikiWorld({ storeEngine: 'mariadb' }))
  const other = started.use(await startApiProcess(world.stack, 'other-api'))
  apis = [world.stack.url, other.url]
  ends = new MediaWikiEnds(world)
})
afterAll(() => started.disposeAsync())

const wanted = (slug: string, name: string) => ({ engine: 'mediawiki', name, slug, language: 'en' })
const headers = { prefer: 'respond-async' }

interface Asked {
  readonly member: { readonly id: number; readonly name: string }
  readonly slug: string
  readonly answer: Answer
}

/** Ten members ask for each of the slugs, `times` times each, all at once, at both APIs. */
async function race(prefix: string, slugs: readonly string[], times: number): Promise<readonly Asked[]> {
  const members: (Asked['member'] & { readonly token: string })[] = []
  for (let n = 0; n < 10; n++) {
    const name = `${prefix} ${String(n)}`
    members.push({ name, ...(await world.stack.newMember(name)) })
  }
  const asks = Array.from({ length: times }, () =>
    slugs.flatMap((slug) => members.map((member) => ({ member, slug }))),
  )
  return Promise.all(
    asks.flat().map(async ({ member, slug }, index) => {
      const body = wanted(slug, `Of ${member.name}`)
      const place = { token: member.token, headers, url: apis[index % apis.length] ?? '' }
      const answer = await world.stack.call('POST', '/v1/wikis', body, place)
      return { member, slug, answer }
    }),
  )
}

/** One has it whole, and is its founder; all others were told that the name is taken. */
async function expectOneWinner(asked: readonly Asked[]): Promise<void> {
  const winners = asked.filter(({ answer }) => answer.status === 202)
  expect(winners).toHaveLength(1)
  const refused = asked.filter(({ answer }) => answer.body['code'] === 'name_taken' && answer.status === 409)
  expect(refused).toHaveLength(asked.length - 1)
  for (const { slug, member, answer } of winners) {
    const { wiki_id: wikiId } = await ends.expectMade(slug, String(answer.body['task_id']))
    const wiki = await world.stack.store.wikis.get(wikiId ?? 0)
    expect(wiki).toMatchObject({ owner_id: member.id, name: `Of ${member.name}` })
    const founders = `SELECT DISTINCT CONVERT(user_name USING utf8mb4) AS name FROM ${slug}.user JOIN ${slug}.user_groups ON ug_user = user_id`
    expect(await world.sql(founders)).toMatchObject([{ name: member.name }])
    expect(await world.stack.store.wikis.list({ limit: 100, text: slug })).toHaveLength(1)
  }
}

test('fifty creations of one slug at once: one wiki, whole and its asker’s', async () => {
  const asked = await race('Racer', ['raced'], 5)
  expect(asked).toHaveLength(50)
  await expectOneWinner(asked)
})

test('two slugs at once do not hinder each other', async () => {
  const asked = await race('Rival', ['rivalone', 'rivaltwo'], 2)
  for (const slug of ['rivalone', 'rivaltwo']) await expectOneWinner(asked.filter((one) => one.slug === slug))
})

test('what cannot be a wiki’s slug is refused, and nothing is touched', async () => {
  // With a hub, whose accounts are in a database of that name.
  await using api = await startAnotherApi(world.stack, { 'wiki-shared-db-name': 'the_accounts' })
  const before = await world.residue()
  const tasks = await world.stack.store.tasks.list({ limit: 100 })
  const databases = await world.sql('SHOW DATABASES')
  const answers = new Map<string, unknown>()
  for (const slug of [...reserved, ...illegal]) {
    const answer = await world.stack.call('POST', '/v1/wikis', wanted(slug, 'Wanted'), {
      headers,
      url: api.url,
    })
    answers.set(slug, [answer.status, answer.body['code']])
  }
  for (const slug of reserved) expect([slug, answers.get(slug)]).toEqual([slug, [409, 'name_reserved']])
  for (const slug of illegal) expect([slug, answers.get(slug)]).toEqual([slug, [400, 'invalid_slug']])
  expect(await world.residue()).toEqual(before)
  expect(await world.sql('SHOW DATABASES')).toEqual(databases)
  expect(await world.stack.store.tasks.list({ limit: 100 })).toHaveLength(tasks.length)
})

const reserved = [
  'mysql',
  'sys',
  'performance-schema',
  'information-schema',
  'the-accounts',
  'www',
  'api',
  'mail',
]
const illegal = [
  ...[
    'performance_schema',
    '-a',
    'a-',
    '-abc',
    'abc-',
    'a'.repeat(64),
    'xn--abc',
    'Upper',
    'ADA',
    'a.b.c',
    'ada/../b',
  ],
  ...['ada ', 'ädä', 'ada`', "ada'; DROP DATABASE mysql; --"],
]
