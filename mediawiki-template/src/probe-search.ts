/** Whether wikis of a template can search with CirrusSearch, and do as pubwiki.ini says. */
import { join } from 'node:path'
import { readSettings, withProbe } from './probe-settings.ts'
import { runPhp, type Php } from './run-php.ts'
import { isReadable, type TemplateProblem } from './template-files.ts'

/** What of its libraries each cannot do without. */
const needed = [
  ['Elastica', ['Elastica\\Client', 'Elasticsearch\\Endpoints\\Bulk']],
  ['CirrusSearch', ['TextCat', 'LuceneExplain\\ExplainFactory']],
] as const

/** `core` is where its MediaWiki is. */
export async function problemsOfSearch(
  template: string,
  core: string,
  php: Php,
): Promise<readonly TemplateProblem[]> {
  const problems: TemplateProblem[] = []
  for (const [name, classes] of needed) {
    const folder = join(core, 'extensions', name)
    if (!(await isReadable(join(folder, 'extension.json')))) {
      const mend = `put the extension ${name} of this MediaWiki’s branch there, with its libraries (docs/search.md)`
      problems.push({ problem: `wikifarm-search is cirrus, and ${folder} is missing`, mend })
    } else if (!(await hasClasses(core, folder, classes, php))) {
      const mend = `run composer install --no-dev in ${folder}`
      problems.push({ problem: `${folder} lacks its libraries (${classes[0]})`, mend })
    }
  }
  return problems.length > 0 ? problems : problemsOfSearchSettings(template, core, php)
}

async function hasClasses(
  core: string,
  folder: string,
  classes: readonly string[],
  php: Php,
): Promise<boolean> {
  const code = `foreach ( [ $argv[1], $argv[2] ] as $mediawiki ) {
    if ( is_file( "$mediawiki/vendor/autoload.php" ) ) { require_once "$mediawiki/vendor/autoload.php"; }
  }
  foreach ( array_slice( $argv, 3 ) as $class ) { class_exists( $class ) || exit( 1 ); }`
  return (await runPhp(php, ['-r', code, '--', core, folder, ...classes])).ok
}

async function problemsOfSearchSettings(
  template: string,
  core: string,
  php: Php,
): Promise<readonly TemplateProblem[]> {
  const ini = {
    ...{ WIKIFARM_SEARCH: 'cirrus', OPENSEARCH_ENDPOINT: 'http://search.invalid:9201/below/here' },
    ...{ OPENSEARCH_USER: 'wiki.probe', OPENSEARCH_PASSWORD: 'of "the" $wiki' },
    OPENSEARCH_INDEX_BASE: 'probe_made-',
  }
  const names = ['wgSearchType', 'wgCirrusSearchServers', 'wgCirrusSearchIndexBaseName']
  const read = () => withProbe(template, (folder) => readSettings(folder, core, php, { more: ini, names }))
  const settings = await read().catch((error: unknown) => (error as Error).message)
  if (typeof settings === 'string') {
    const mend = 'mend what it says; docs/search.md has what CirrusSearch needs'
    return [{ problem: `with WIKIFARM_SEARCH=cirrus LocalSettings.php does not run: ${settings}`, mend }]
  }
  const [server] = (settings['wgCirrusSearchServers'] ?? []) as Readonly<Record<string, unknown>>[]
  const rules: readonly (readonly [string, string, boolean])[] = [
    ['wgSearchType', 'WIKIFARM_SEARCH', settings['wgSearchType'] === 'CirrusSearch'],
    [
      'wgCirrusSearchServers',
      'OPENSEARCH_ENDPOINT',
      server?.['host'] === 'search.invalid' && server['port'] === 9201 && server['path'] === 'below/here/',
    ],
    [
      'wgCirrusSearchServers',
      'OPENSEARCH_USER and OPENSEARCH_PASSWORD, with auth_type basic,',
      server?.['username'] === ini.OPENSEARCH_USER &&
        server['password'] === ini.OPENSEARCH_PASSWORD &&
        server['auth_type'] === 'basic',
    ],
    [
      'wgCirrusSearchIndexBaseName',
      'OPENSEARCH_INDEX_BASE',
      settings['wgCirrusSearchIndexBaseName'] === ini.OPENSEARCH_INDEX_BASE,
    ],
  ]
  return rules
    .filter(([, , holds]) => !holds)
    .map(([setting, key]) => ({
      problem: `LocalSettings.php does not set $${setting} by ${key} of pubwiki.ini`,
      mend: 'take the lines on search from the LocalSettings.php that wikistead template build puts there',
    }))
}
