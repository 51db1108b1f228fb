/** What must be true of a MediaWiki wiki when its task has ended, well or badly. */
import { eventually } from '@wikistead/test/eventually'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskRow } from '@wikistead/store'
import { expect } from 'vitest'
import type { MediaWikiWorld } from './mediawiki-world.ts'

export class MediaWikiEnds {
  readonly #world: MediaWikiWorld

  constructor(world: MediaWikiWorld) {
    this.#world = world
  }

  /** Nothing of the task is left, its last life has one end, and the name can be had. */
  async expectUndone(slug: string, taskId: string, code: string): Promise<TaskRow> {
    const task = await this.#world.ended(taskId)
    const events = await this.#world.events(taskId)
    expect(task, JSON.stringify(events, null, 1)).toMatchObject({ status: 'failed', code })
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'failed', code })
    expect(endsOfLastLife(events)).toBe(1)
    expect(await this.left(slug, taskId)).toEqual([])
    expect(await this.#world.stack.store.ledger.open(taskId)).toEqual([])
    expect(await this.nameOf(slug)).toBe('free')
    return task
  }

  /** One wiki, in service, with MediaWiki's tables, a founder, and nothing of any attempt but what it is made of. */
  async expectMade(slug: string, taskId: string): Promise<TaskRow> {
    const { stack } = this.#world
    const task = await this.#world.ended(taskId)
    const events = await this.#world.events(taskId)
    expect(task, JSON.stringify(events, null, 1)).toMatchObject({ status: 'succeeded', warning: null })
    expect(task.last_seq).toBe(events.length)
    expect(endsOfLastLife(events)).toBe(1)
    const wikis = await stack.store.wikis.list({ limit: 10, text: slug })
    expect(wikis.filter(({ claim }) => claim === slug)).toMatchObject([{ status: 'active', task_id: null }])
    const database = databaseOf(slug)
    expect((await this.left(slug, taskId)).filter((line) => !line.startsWith('command '))).toEqual([
      ...[
        `database ${database}`,
        `folder ${slug}`,
        `grant ${database} on ${database.replaceAll('_', '\\_')}`,
      ],
      ...[`keys ${slug}`, `user ${database}`],
    ])
    const pages = await this.#world.sql(`SELECT page_title FROM ${database}.page WHERE page_namespace = 0`)
    expect(pages.map((row) => String(row['page_title']))).toEqual(['Main_Page'])
    const groups = await this.#world.sql(`SELECT ug_group FROM ${database}.user_groups ORDER BY ug_group`)
    expect(groups.map((row) => String(row['ug_group']))).toEqual(['bureaucrat', 'sysop'])
    await this.expectService(slug, true)
    return task
  }

  async expectService(slug: string, inService: boolean): Promise<void> {
    const ini = await readFile(join(this.#world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
    expect(ini).toContain(`WIKI_BOOTSTRAPING=${String(!inService)}`)
  }

  /** Its next life succeeds, and the wiki is removed for good. */
  async expectRetried(slug: string, taskId: string): Promise<void> {
    const { stack } = this.#world
    await this.#world.retry(taskId)
    await eventually(async () => {
      const task = await stack.store.tasks.get(taskId)
      const over = { status: 'succeeded', run: 2, ended_at: expect.any(Number) as number }
      expect(task, task.message).toMatchObject(over)
    })
    await this.expectMade(slug, taskId)
    await this.purge(slug, taskId)
  }

  /** For good, and without a trace. */
  async purge(slug: string, taskId: string): Promise<void> {
    const { wiki_id: wikiId } = await this.#world.stack.store.tasks.get(taskId)
    const purged = await this.#world.ended(
      await this.#world.ask('DELETE', `/v1/wikis/${String(wikiId)}?now=1`),
    )
    expect(purged.status).toBe('succeeded')
    expect(await this.left(slug, taskId)).toEqual([])
  }

  /** What there is under the name, or of the task. */
  async left(slug: string, taskId: string): Promise<readonly string[]> {
    const words = [slug, databaseOf(slug), databaseOf(slug).replaceAll('_', '\\_'), taskId]
    return (await this.#world.residue()).filter((line) => words.some((word) => line.includes(word)))
  }

  async nameOf(slug: string): Promise<unknown> {
    return (await this.#world.stack.call('GET', `/v1/names/mediawiki/${slug}`)).body['state']
  }
}

const databaseOf = (slug: string): string => slug.replaceAll('-', '_')

/** A life whose rollback was ended later on has two; it is no last one here. */
function endsOfLastLife(events: readonly Record<string, unknown>[]): number {
  const last = events.slice(events.findLastIndex(({ type }) => type === 'reset') + 1)
  return last.filter(({ type }) => type === 'status').length
}
