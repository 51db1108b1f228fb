/**
 * CirrusSearch's own scripts, and whether they did what they say: they end with 0 although a write to OpenSearch failed. A wiki
 * whose indices have the names of earlier releases is carried over. Until its pages are all found under the new names, people
 * read and write under the old; then what changed meanwhile is indexed once more, and the old indices go. Each step can be done
 * again, and which names hold is what pubwiki.ini says at any moment.
 */
import { Refusal } from '@wikistead/contracts'
import type { Step } from '@wikistead/tasks/step'
import { escapeId } from 'mysql2'
import type { MediaWikiDeps, SearchDeps } from './activity-deps.ts'
import { withDatabaseServer } from '../database/database-server.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { hasOldIndexBase, requireIndexBase, setIndexBase } from '../ini/index-base.ts'
import { databaseName } from '../names/slug.ts'
import { dropOldIndices } from '../search/search-residue.ts'
import { blocked, countIndexed, writeBlock } from '../search/search-state.ts'
import { setSearchReach } from '../search/search-user.ts'
import { indexBase } from '../search/wiki-indices.ts'
import { indexConfigScript } from './install-wiki.ts'
import { beginAnew, runScript, type Script, type ScriptName } from './run-script.ts'
import { folderOf, type CreateWikiInput, type WikiInput } from './task-wiki.ts'
import { indexTimeLimitMs, unhurried } from './unhurried.ts'
import { searchNeeds, usesSearchUsers } from './wiki-search.ts'

const force = [...unhurried, 'php', 'extensions/CirrusSearch/maintenance/ForceSearchIndex.php']
const passes = [
  { name: 'index', argv: [...force, '--skipLinks', '--indexOnSkip'] },
  { name: 'index_links', argv: [...force, '--skipParse'] },
] as const satisfies readonly Pick<Script, 'name' | 'argv'>[]

/** Enough to tell bad luck from a wiki that cannot be indexed. */
const triesUntilFinal = 3

/** @throws Refusal `index_incomplete`, `search_blocked`, `search_denied`, `template_broken`, `command_failed`; faults */
export async function indexByCirrus(
  deps: MediaWikiDeps,
  step: Step,
  input: WikiInput & Pick<CreateWikiInput, 'resume'>,
): Promise<void> {
  const { slug, run } = input
  const { openSearch } = deps
  if (openSearch === undefined) throw new Error('there is no OpenSearch')
  const folder = folderOf(deps, slug)
  const database = databaseName(slug)
  const base = indexBase(database)
  const { signal } = step
  const isOld = await hasOldIndexBase(folder)
  if (isOld) {
    await requireIndexBase(folder)
    await reach(deps, openSearch, { database, oldNames: true }, signal)
  }
  const since = new Date(Date.now() - clocksApartMs)
  const of = { phase: 'index', slug, run, timeLimitMs: indexTimeLimitMs } as const
  const needs = searchNeeds(deps, slug)
  const script = (each: Pick<Script, 'name' | 'argv'>) =>
    runScript(deps, step, {
      ...{ ...of, ...each, needs },
      // Told to nobody else while the wiki is carried over.
      env: () => ({ WIKIFARM_INDEX_BASE: base }),
    })
  const before = await countPages(deps, database, signal)
  if (input.resume === 'index') await script({ name: 'index_config', argv: ['php', indexConfigScript] })
  for (const pass of passes) await script(pass)
  // What was there before still counts, whatever was not written now.
  const block = await writeBlock(openSearch.server, database, { signal })
  if (block !== undefined) throw blocked(block)
  const pages = Math.min(before, await countPages(deps, database, signal))
  const found = await countIndexed(openSearch.server, base, { signal })
  if (found < pages) await fail(deps, step, { found, pages })
  if (isOld) {
    await setIndexBase(folder, base)
    const from = ['--from', `${since.toISOString().slice(0, 19)}Z`]
    await script({ name: 'index_changes', argv: [...force, ...from] })
    await script({ name: 'index_deletes', argv: [...force, '--deletes', ...from] })
  }
  if (input.resume !== 'index') return
  // Also those of an attempt that was killed between the two.
  await dropOldIndices(openSearch.server, database, { signal })
  await reach(deps, openSearch, { database, oldNames: false }, signal)
}

/** Between this machine and that of the wiki's database, at most. */
const clocksApartMs = 10 * 60_000

async function reach(
  deps: MediaWikiDeps,
  { server }: SearchDeps,
  of: { readonly database: string; readonly oldNames: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (usesSearchUsers(deps)) await setSearchReach(server, of, { signal })
}

/** A redirect is found as another title of the page where it leads. */
async function countPages({ server }: MediaWikiDeps, database: string, signal: AbortSignal): Promise<number> {
  return withDatabaseServer(server, database, { signal, deadlineMs: 60_000 }, async (admin) => {
    const [row] = await admin.rows<{ pages: number | bigint }>(
      `SELECT COUNT(*) AS pages FROM ${escapeId(database, true)}.page WHERE page_is_redirect = 0`,
    )
    return Number(row?.pages ?? 0)
  })
}

/** @throws always */
async function fail(
  { store }: MediaWikiDeps,
  { task: { task_id: taskId } }: Step,
  { found, pages }: { readonly found: number; readonly pages: number },
): Promise<never> {
  const what = `OpenSearch holds ${String(found)} of the wiki’s ${String(pages)} pages.`
  const tries = await timesIncomplete(store, taskId)
  for (const name of passes.map((pass): ScriptName => pass.name)) await beginAnew(store, taskId, name)
  if (tries + 1 >= triesUntilFinal) throw new Refusal('index_incomplete', what)
  throw new ProvisioningFault(what, 'index_incomplete')
}

/** Counts this time, too. @returns how often before it */
async function timesIncomplete(store: MediaWikiDeps['store'], taskId: string): Promise<number> {
  const note = await store.ledger.get(taskId, incompleteNote)
  const { times } = (note === undefined ? { times: 0 } : JSON.parse(note.detail)) as { times: number }
  await store.transaction((scope) => scope.ledger.note(taskId, incompleteNote, { times: times + 1 }))
  return times
}

const incompleteNote = 'index/incomplete'
