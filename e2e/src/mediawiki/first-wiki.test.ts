/** A MediaWiki wiki from the request to its removal, over the real MediaWiki and MariaDB. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const run = promisify(execFile)
const started = new AsyncDisposableStack()
let world: MediaWikiWorld
beforeAll(async () => {
  world = started.use(await startMediaWikiWorld())
})
afterAll(() => started.disposeAsync())

const ini = async (slug: string) => readFile(join(world.wikisFolder, slug, 'pubwiki.ini'), 'utf8')
const wikiOf = async (id: unknown) => (await world.stack.call('GET', `/v1/wikis/${String(id)}`)).body

test('a wiki is made in seven phases, is taken out of service, comes back, and is removed without a trace', async () => {
  const before = await world.residue()
  const taskId = await world.create('ada', { name: `Ada's "Notes"` })
  const task = await world.ended(taskId)
  expect(task).toMatchObject({ status: 'succeeded', progress: 100 })
  const events = await world.events(taskId)
  const phases = events.flatMap(({ type, phase }) =>
    type === 'progress' && phase !== undefined ? [phase] : [],
  )
  expect(new Set(phases)).toEqual(
    new Set(['oauth', 'dir_copy', 'render_ini', 'db_provision', 'docker_install', 'flip_bootstrap', 'index']),
  )
  const progress = events.flatMap((event) =>
    event['type'] === 'progress' ? [Number(event['progress'])] : [],
  )
  expect(progress).toEqual([...progress].sort((one, other) => one - other))
  const usable = events.find((event) => event['type'] === 'progress' && event['wiki_id'] !== undefined)
  expect(usable).toMatchObject({ phase: 'flip_bootstrap', wiki_id: task.wiki_id })
  expect(events.some(({ type, phase }) => type === 'log' && phase === 'docker_install')).toBe(true)
  expect(events.at(-1)).toMatchObject({ type: 'status', status: 'succeeded', wiki_id: task.wiki_id })

  expect(await wikiOf(task.wiki_id)).toMatchObject({
    ...{ engine: 'mediawiki', address: 'ada', name: `Ada's "Notes"`, status: 'active', task_id: null },
    url: 'https://ada.wikis.example',
  })
  expect(await ini('ada')).toContain('WIKI_BOOTSTRAPING=false')
  const groups = await world.sql('SELECT ug_group FROM ada.user_groups ORDER BY ug_group')
  expect(groups.map((row) => String(row['ug_group']))).toEqual(['bureaucrat', 'sysop'])

  const links = []
  for (let n = 0; n < 2; n++) {
    const first = await world.stack.call('POST', `/v1/wikis/${String(task.wiki_id)}/first-sign-in`)
    expect(first, JSON.stringify(first.body)).toMatchObject({ status: 200, body: { user: 'Local admin' } })
    links.push(new URL(String(first.body['url'])))
  }
  const [, link] = links
  expect([link?.origin, link?.searchParams.get('title')]).toEqual([
    'https://ada.wikis.example',
    'Special:FirstSignIn',
  ])
  // The last one counts; the wiki, and whoever looks at what is kept, knows its print only.
  const key = link?.searchParams.get('key') ?? ''
  const [row] = await world.sql("SELECT ul_value FROM ada.updatelog WHERE ul_key = 'wikistead sign-in'")
  expect(JSON.parse(String(row?.['ul_value']))).toMatchObject({
    hash: createHash('sha256').update(key).digest('hex'),
  })

  const archived = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}`))
  expect(archived).toMatchObject({ kind: 'delete_wiki', status: 'succeeded' })
  expect(await wikiOf(task.wiki_id)).toMatchObject({ status: 'archived' })
  expect(await ini('ada')).toContain('WIKI_BOOTSTRAPING=true')

  const restored = await world.ended(await world.ask('POST', `/v1/wikis/${String(task.wiki_id)}/restore`))
  expect(restored).toMatchObject({ kind: 'restore_wiki', status: 'succeeded' })
  expect(await ini('ada')).toContain('WIKI_BOOTSTRAPING=false')

  const purged = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}?now=1`))
  expect(purged).toMatchObject({ kind: 'purge_wiki', status: 'succeeded' })
  expect(await world.residue()).toEqual(before)
  // What PHP keeps of the MediaWiki that wikis share is of no wiki.
  const compiled = await readdir(join(world.wikisFolder, '.php/compiled'), { recursive: true })
  expect(compiled.filter((path) => path.endsWith('/User.php.bin'))).not.toEqual([])
  expect(compiled.filter((path) => /\/(?:ada|wikis)(?:\/|$)/.test(path) && path.endsWith('.bin'))).toEqual([])
  expect(await world.stack.call('GET', '/v1/names/mediawiki/ada')).toMatchObject({ body: { state: 'free' } })
})

/** Legal names, each of which means something to one of those who read it on its way. */
const names = [
  'x"; WIKI_DB_USER="root',
  "'); DROP DATABASE mysql; --",
  '$(touch owned) `id` $HOME \\',
  "'''bold''' __NOTOC__ -- off",
  'echo 1; /* true=null !yes;',
  'ויקי \u{1f469}\u200d\u{1f4bb} 維基',
]

test('a name that is configuration, SQL, shell, wikitext or PHP is a name', async () => {
  const before = await world.residue()
  const wikis = await Promise.all(
    names.map(async (name, n) => {
      const slug = `named-${String(n)}`
      const task = await world.ended(await world.create(slug, { name }))
      expect(task, task.message).toMatchObject({ status: 'succeeded' })
      return { name, slug, task }
    }),
  )
  for (const { name, slug, task } of wikis) {
    const command = ['maintenance/run', 'getConfiguration', '--settings', 'wgSitename wgMetaNamespace']
    const { stdout } = await run('php', [...command, '--format', 'json'], {
      cwd: join(world.wikisFolder, slug),
    })
    // As MediaWiki writes a namespace.
    const wgMetaNamespace = name.replaceAll(/[ _]+/g, '_')
    expect(JSON.parse(stdout)).toEqual({ wgSitename: name, wgMetaNamespace })
    expect(await wikiOf(task.wiki_id)).toMatchObject({ name })
    await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}?now=1`))
  }
  expect(await world.residue()).toEqual(before)
})

test('50 MB of output, not all of it text, are told in part and hinder nothing', async () => {
  await world.scripts.flood('talkative', 'installPreConfigured')
  const task = await world.ended(await world.create('talkative'))
  expect(task, task.message).toMatchObject({ status: 'succeeded' })
  const lines = (await world.events(task.task_id)).flatMap(({ type, phase, line }) =>
    type === 'log' && phase === 'docker_install' ? [String(line)] : [],
  )
  expect(lines).toHaveLength(2_000)
  expect(lines[0]).toBe(`line 0 \ufffd\ufffd ${'x'.repeat(90)}`)
  expect(lines.at(-1)).toBe('There is more output, which is left out here.')
  await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}?now=1`))
})

test('with clones, the second wiki of a language is made without its installer', async () => {
  await using cloning = await startMediaWikiWorld({ settings: { 'wikifarm-install': 'clone' } })
  for (const slug of ['first', 'second']) {
    const taskId = await cloning.create(slug, { language: 'de', name: `Wiki ${slug}` })
    expect(await cloning.ended(taskId)).toMatchObject({ status: 'succeeded' })
    const pages = await cloning.sql(`SELECT page_title FROM ${slug}.page`)
    expect(pages.map((row) => String(row['page_title']))).toEqual(['Hauptseite'])
    const groups = await cloning.sql(`SELECT ug_group FROM ${slug}.user_groups ORDER BY ug_group`)
    expect(groups.map((row) => String(row['ug_group']))).toEqual(['bureaucrat', 'sysop'])
  }
  expect((await cloning.residue()).filter((line) => line.startsWith('database'))).toEqual([
    'database first',
    'database second',
    expect.stringMatching(/^database wf__de_/),
  ])
})
