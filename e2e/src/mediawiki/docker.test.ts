/** The scripts of a creation in a real container, as PHP's user, by way of a real Docker Engine (needs root). */
import { eventually } from '@wikistead/test/eventually'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { phpInContainer as php, startContainerWorld } from '../../test/mediawiki/mediawiki-container.ts'
import type { ContainerWorld } from '../../test/mediawiki/mediawiki-container.ts'
import type { MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('a MediaWiki in a container', () => {
  const started = new AsyncDisposableStack()
  let world: MediaWikiWorld
  let place: ContainerWorld
  beforeAll(async () => {
    place = started.use(await startContainerWorld())
    world = place.world
  })
  afterAll(() => started.disposeAsync())

  test('is installed there, and its files belong to PHP’s user', async () => {
    const before = await world.residue()
    const taskId = await world.create('boxed', { name: 'In a Box' })
    const task = await world.ended(taskId)
    expect(task, JSON.stringify((await world.events(taskId)).slice(-12))).toMatchObject({
      status: 'succeeded',
    })
    const ini = join(world.wikisFolder, 'boxed/pubwiki.ini')
    expect(await readFile(ini, 'utf8')).toContain('WIKI_OAUTH_DIR="/var/www/oauth/boxed"')
    expect(await stat(ini)).toMatchObject({ gid: php.gid })
    expect((await stat(ini)).mode & 0o777).toBe(0o640)
    expect(await stat(join(world.oauthFolder, 'boxed/oauth.key'))).toMatchObject(php)
    const groups = await world.sql('SELECT ug_group FROM boxed.user_groups ORDER BY ug_group')
    expect(groups.map((row) => String(row['ug_group']))).toEqual(['bureaucrat', 'sysop'])
    await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}?now=1`))
    expect(await world.residue()).toEqual(before)
  })

  test('goes on when the container was stopped in the middle, and says so meanwhile', async () => {
    await place.stopContainer()
    const taskId = await world.create('unplugged')
    await eventually(async () => {
      const failed = (await world.events(taskId)).find((event) => event['failed_attempt'] !== undefined)
      expect(failed).toMatchObject({
        phase: 'docker_install',
        message: expect.stringMatching(/container/) as string,
      })
    }, 100)
    await place.startContainer()
    expect(await world.ended(taskId)).toMatchObject({ status: 'succeeded' })
    const events = await world.events(taskId)
    expect(events.filter(({ phase, failed_attempt: failed }) => phase === 'db_provision' && failed)).toEqual(
      [],
    )
  })
})
