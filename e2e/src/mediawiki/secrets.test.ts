/**
 * No secret of a MediaWiki farm is told, in a full run and in every kind of failure: not in a workflow's history, the
 * store, an answer of the API, a log at its most talkative, or the list of processes (needs root, for the container).
 */
import { eventually } from '@wikistead/test/eventually'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { startRedisServer } from '@wikistead/live/test/redis-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startContainerWorld, type ContainerWorld } from '../../test/mediawiki/mediawiki-container.ts'

import type { ScriptName } from '../../test/mediawiki/mediawiki-scripts.ts'
import {
  answers,
  gatherSecrets,
  histories,
  storeContent,
  told,
  type Secrets,
} from '../../test/mediawiki/mediawiki-secrets.ts'
import { adminPassword, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'
import { flagsOf } from '@wikistead/test/secret-flags'
import { watchProcesses, type ProcessList } from '../../test/processes/process-list.ts'
import { startWorkerProcess, type WorkerProcess } from '../../test/processes/worker-process.ts'

const portainerKey = 'ptr_the-key-of-portainer-in-this-test'
const wrongKey = 'ptr_a-key-that-portainer-does-not-know'
const isRoot = process.getuid?.() === 0
const scripts: readonly ScriptName[] = [
  ...([
    'installPreConfigured',
    'UpdateSearchIndexConfig.php',
    'makeFounder',
    'ForceSearchIndex.php',
  ] as const),
]

describe.skipIf(!isRoot)('no secret is told', () => {
  const started = new AsyncDisposableStack()
  const logged: string[] = []
  let place: ContainerWorld
  let world: MediaWikiWorld
  let secrets: Secrets
  let host: WorkerProcess
  let hostLog: string
  let client: Client
  let list: ProcessList

  beforeAll(async () => {
    const redis = started.use(await startRedisServer())
    list = started.use(watchProcesses())
    place = started.use(
      await startContainerWorld({
        ...{
          cirrusStandIn: true,
          noHost: true,
          portainerKey,
          log: { write: (line) => void logged.push(line) },
        },
        settings: {
          ...{ 'log-level': 'trace', 'redis-server': redis.server, 'redis-password': redis.password },
        },
        worker: { housekeeping: { sweepEveryMs: 300, rollbackRestMs: 1_000 } },
      }),
    )
    world = place.world
    secrets = started.use(gatherSecrets(world))
    secrets.add('Redis', redis.password)
    secrets.add('Portainer', portainerKey)
    secrets.add('Portainer, mistaken', wrongKey)
    hostLog = join(world.stack.folder, 'host.log')
    await startHost()
    const connection = await Connection.connect({ address: world.stack.temporal.address })
    started.defer(() => connection.close())
    client = new Client({ connection })
  })
  afterAll(() => started.disposeAsync())

  const startHost = async (...flags: string[]) => {
    host = started.use(await startWorkerProcess([...world.stack.flags, ...flags, '--host=here'], hostLog))
  }
  /** Every script of it tells all that it knows. */
  const create = async (slug: string, but?: ScriptName): Promise<string> => {
    for (const script of scripts) if (script !== but) await world.scripts.leak(slug, script)
    return world.create(slug)
  }
  const failed = async (taskId: string, code: string) => {
    const task = await world.ended(taskId)
    expect(task, JSON.stringify(await world.events(taskId)).slice(-2_000)).toMatchObject({
      ...{ status: 'failed', code },
    })
  }
  const failedAttempt = (taskId: string, message: unknown) =>
    eventually(async () => {
      const attempt = { failed_attempt: expect.anything() as unknown, message }
      expect(await world.events(taskId)).toContainEqual(expect.objectContaining(attempt))
    })

  const swept = (taskId: string) =>
    eventually(async () => expect(await world.stack.store.tasks.get(taskId)).toMatchObject({ code: 'fault' }))

  test('by a wiki that is made, changed, deleted, restored and removed', async () => {
    const taskId = await create('whole')
    const task = await world.ended(taskId)
    expect(task).toMatchObject({ status: 'succeeded', warning: null })
    const wiki = `/v1/wikis/${String(task.wiki_id)}`
    const { body } = await world.stack.call('POST', `${wiki}/first-sign-in`)
    // What is told here is told nowhere else.
    const key = new URL(String(body['url'])).searchParams.get('key') ?? ''
    expect(key).toMatch(/.{20}/)
    secrets.add('the founder’s one-time link', key)
    await world.ended(await world.ask('PATCH', wiki, { name: 'Whole', visibility: 'private' }))
    await world.ended(await world.ask('DELETE', wiki))
    await world.ended(await world.ask('POST', `${wiki}/restore`))
    if (world.search !== undefined) {
      let answered = 0
      world.search.interfere = () => (answered++ < 2 ? 500 : undefined)
    }
    const purge = await world.ask('DELETE', `${wiki}?now=1`)
    await failedAttempt(purge, expect.any(String))
    expect(await world.ended(purge)).toMatchObject({ status: 'succeeded' })
  })

  test('by a script that ends badly', async () => {
    await world.scripts.fail('crashed', 'installPreConfigured', 255)
    await failed(await create('crashed'), 'command_failed')
  })

  test('by an index that fails, whose wiki stays', async () => {
    await world.scripts.fail('unindexed', 'ForceSearchIndex.php', 1)
    const { status, warning } = await world.ended(await create('unindexed'))
    expect([status, warning]).toEqual(['succeeded', expect.any(String)])
  })

  test('by a database that lets no user be made', async () => {
    await world.revoke('CREATE USER, INSERT')
    await failed(await create('userless'), 'database_rights_missing')
    await world.grant('CREATE USER, INSERT')
  })

  test('by a database that refuses its administrator', async () => {
    const administrator = "ALTER USER farm_admin@'%' IDENTIFIED BY"
    await world.sql(`${administrator} 'another'`)
    const taskId = await create('locked-out')
    const task = await world.ended(taskId)
    await world.sql(`${administrator} '${adminPassword}'`)
    // Who is refused cannot know that there is nothing to undo.
    expect(task).toMatchObject({ status: 'failed', code: 'rollback_incomplete' })
    await swept(taskId)
  })

  test('by a database that is stopped under a script', async () => {
    await world.scripts.hold('dry', 'installPreConfigured')
    const taskId = await create('dry', 'installPreConfigured')
    await world.scripts.reached('dry', 'installPreConfigured')
    await world.stopMariadb()
    await world.scripts.mend('dry', 'installPreConfigured')
    await failedAttempt(taskId, expect.any(String))
    await world.cancel(taskId)
    await world.startMariadb()
    await failed(taskId, 'cancelled')
  })

  test('by a container that is stopped, and a Portainer that is away', async () => {
    await world.scripts.hold('unplugged', 'installPreConfigured')
    const taskId = await create('unplugged')
    await world.scripts.reached('unplugged', 'installPreConfigured')
    await place.stopContainer()
    await failedAttempt(taskId, expect.stringContaining('is stopped'))
    await place.portainer?.away(() => failedAttempt(taskId, expect.stringContaining('does not answer')))
    await place.startContainer()
    await world.cancel(taskId)
    await failed(taskId, 'cancelled')
  })

  test('by a founder that is not made to the end, because its worker is killed', async () => {
    await world.scripts.hold('orphan', 'makeFounder')
    const taskId = await create('orphan')
    await world.scripts.reached('orphan', 'makeFounder')
    await host.kill()
    await world.scripts.mend('orphan', 'makeFounder')
    await startHost()
    expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
  })

  test('by a rollback that cannot be ended at once', async () => {
    await world.revoke('DROP')
    await world.scripts.fail('undroppable', 'installPreConfigured', 126)
    const taskId = await create('undroppable')
    await failed(taskId, 'rollback_incomplete')
    await world.grant('DROP')
    await swept(taskId)
  })

  test('by a Portainer that does not know the key', async () => {
    await host.stop()
    await startHost(...flagsOf({ 'portainer-key': wrongKey }, join(world.stack.folder, 'wrong')))
    const taskId = await create('keyless')
    await failedAttempt(taskId, expect.stringContaining('does not let us in'))
    await world.cancel(taskId)
    await host.stop()
    await startHost()
    await failed(taskId, 'cancelled')
  })

  test('and it would have been found', async () => {
    await host.stop()
    const sources: Record<string, string> = {
      history: await histories(client),
      store: storeContent(world),
      answers: await answers(world),
      'log of the API and the worker': logged.join(''),
      'log of the host': await readFile(hostLog, 'utf8'),
      'files of Temporal': await allOf(join(world.stack.folder, 'temporal')),
    }
    // What is no secret is there, in every one of them, and so are the places where secrets were.
    for (const [source, text] of Object.entries(sources)) {
      expect([source, /undroppable|task_id|request/.test(text)]).toEqual([source, true])
    }
    // In the container, too.
    expect(list.commandLines).toContain('installPreConfigured')
    expect(list.environments).toContain('WIKISTEAD_COMMAND=')
    Object.assign(sources, { 'command lines': list.commandLines, environments: list.environments })
    expect(sources['store']).toContain('WIKI_DB_PASSWORD=\\"[secret]\\"')
    const kinds = [...secrets.all.keys()]
    for (const slug of ['whole', 'crashed', 'userless', 'dry', 'orphan', 'undroppable']) {
      for (const kind of ['the database of', 'the Redis of', 'the private key of']) {
        expect(
          kinds.find((of) => of.startsWith(`${kind} ${slug}`)),
          `${kind} ${slug}`,
        ).toBeDefined()
      }
    }
    for (const [source, text] of Object.entries(sources)) {
      expect([source, told(secrets, text)]).toEqual([source, []])
    }
  })
})

async function allOf(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const read = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)))
  return Buffer.concat(await Promise.all(read)).toString('latin1')
}
