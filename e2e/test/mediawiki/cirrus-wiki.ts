/** Pages of a wiki with CirrusSearch, saved and found by MediaWiki's own PHP. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CirrusParts } from './cirrus-parts.ts'
import type { MediaWikiWorld } from './mediawiki-world.ts'

const run = promisify(execFile)
type Farm = Pick<MediaWikiWorld, 'wikisFolder'>

async function php(
  { wikisFolder }: Farm,
  slug: string,
  args: readonly string[],
  input = '',
): Promise<string> {
  const asked = run('php', ['maintenance/run', ...args], { cwd: join(wikisFolder, slug) })
  asked.child.stdin?.end(input)
  return (await asked).stdout
}

/** And runs the jobs that take it to the index, which is then refreshed by CirrusSearch's own clock. */
export async function savePage(farm: Farm, slug: string, title: string, text: string): Promise<void> {
  await php(farm, slug, ['edit', '--user', 'Maintenance script', title], text)
  await php(farm, slug, ['runJobs'])
}

/** Titles, as an anonymous visitor's search finds them. */
export async function findIn(farm: Farm, slug: string, words: string): Promise<readonly string[]> {
  const search = `
    $context = MediaWiki\\MediaWikiServices::getInstance();
    sleep( 2 );
    $engine = $context->newSearchEngine();
    $engine->setNamespaces( [ 0 ] );
    $found = $engine->searchText( ${JSON.stringify(words)} );
    if ( $found instanceof StatusValue ) { $found->isOK() || exit( json_encode( [ "ERROR: $found" ] ) ); $found = $found->getValue(); }
    $titles = [];
    foreach ( $found as $each ) { $titles[] = $each->getTitle()->getPrefixedText(); }
    sort( $titles );
    echo json_encode( $titles );`
  return JSON.parse(await php(farm, slug, ['eval'], `${search.replaceAll('\n', ' ')}\n`)) as string[]
}

export async function indicesIn({ server }: CirrusParts): Promise<readonly string[]> {
  const login = Buffer.from(`${server.user ?? ''}:${server.password ?? ''}`).toString('base64')
  const answer = await fetch(`${server.endpoint}/_alias`, { headers: { authorization: `Basic ${login}` } })
  return Object.keys((await answer.json()) as object).sort()
}

/** Made whole; else what its scripts said. */
export async function make(world: MediaWikiWorld, slug: string): Promise<void> {
  const taskId = await world.create(slug)
  const { status, warning } = await world.ended(taskId)
  if (status === 'succeeded' && warning === null) return
  const told = (await world.events(taskId)).slice(-40).map((event) => JSON.stringify(event))
  throw new Error([`${slug} is ${status} (${String(warning)})`, ...told].join('\n'))
}
