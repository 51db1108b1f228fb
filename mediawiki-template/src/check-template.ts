/** Says what is wrong with a template, and how to mend it, before a wiki is made of it. */
import { lstat, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isAtLeast, mediaWikiVersion, oldestMediaWiki } from './mediawiki-tree.ts'
import { phpLooksAtItself, problemsOfExtras, problemsOfPhpFound, readPhpFound } from './php-needs.ts'
import { problemsOfSearch } from './probe-search.ts'
import { probeSettings } from './probe-settings.ts'
import { runPhp, type Php } from './run-php.ts'
import { buildAnew, isReadable, problemsOfFiles, type TemplateProblem } from './template-files.ts'

export interface TemplateCheck {
  /** Undefined when there is no MediaWiki in it. */
  readonly mediawikiVersion: string | undefined
  readonly thin: boolean
  /** None, or doubts alone: wikis can be made of it. */
  readonly problems: readonly TemplateProblem[]
}

/**
 * Looks, and runs PHP; changes nothing. Run it as PHP's user: what that one cannot read is a problem.
 *
 * @param search what wikis are to search with
 */
export async function checkTemplate(
  folder: string,
  php: Php,
  search: 'core' | 'cirrus' = 'core',
): Promise<TemplateCheck> {
  const template = resolve(folder)
  const thin = (await lstat(join(template, 'mediawiki')).catch(() => undefined))?.isSymbolicLink() ?? false
  const core = thin ? join(template, 'mediawiki') : template
  const version = await mediaWikiVersion(core)
  if (version === undefined) {
    const mend = thin ? `bring that MediaWiki back, or ${buildAnew}` : buildAnew
    const problem = `${core} ${thin ? 'links to no MediaWiki' : 'holds no MediaWiki'}`
    return { mediawikiVersion: undefined, thin, problems: [{ problem, mend }] }
  }
  const problems = [...problemsOfVersion(version, core), ...(await problemsOfFiles(template, core))]
  const ofPhp = await problemsOfPhp(php, search)
  problems.push(...ofPhp)
  if (await hasExtras(template)) problems.push(...(await problemsOfExtras(core)))
  if (ofPhp.every(isDoubt)) problems.push(...(await problemsOfCode(template, php)))
  // It runs only what is whole.
  if (problems.every(isDoubt)) problems.push(...(await problemsOfSettings(template, core, php)))
  if (search === 'cirrus' && problems.every(isDoubt)) {
    problems.push(...(await problemsOfSearch(template, core, php)))
  }
  return { mediawikiVersion: version, thin, problems }
}

const isDoubt = ({ isDoubt = false }: TemplateProblem): boolean => isDoubt

async function hasExtras(template: string): Promise<boolean> {
  const ini = await readFile(join(template, 'pubwiki.ini'), 'utf8').catch(() => '')
  return /^WIKI_EXTRAS\s*=\s*"?(?:true|on|yes|1)\b/im.test(ini)
}

function problemsOfVersion(version: string, core: string): readonly TemplateProblem[] {
  if (isAtLeast(version, oldestMediaWiki)) return []
  const mend = `take ${oldestMediaWiki} or newer (WIKISTEAD_MEDIAWIKI) and ${buildAnew}`
  return [{ problem: `${core} is MediaWiki ${version}`, mend }]
}

async function problemsOfPhp(php: Php, search: 'core' | 'cirrus'): Promise<readonly TemplateProblem[]> {
  const run = await runPhp(php, ['-r', phpLooksAtItself])
  if (run.ok) return problemsOfPhpFound(readPhpFound(run.stdout), search)
  const mend = 'install PHP 8.1 or newer for the command line'
  return [{ problem: `${php.php ?? 'php'} does not run (${run.reason})`, mend }]
}

async function problemsOfCode(template: string, php: Php): Promise<readonly TemplateProblem[]> {
  const problems: TemplateProblem[] = []
  const parse = 'exit( parse_ini_file( $argv[1] ) === false ? 1 : 0 );'
  const runs: [string, string[]][] = [['pubwiki.ini', ['-r', parse, join(template, 'pubwiki.ini')]]]
  const commands = ['maintenance/installPreConfigured.php', 'maintenance/makeFounder.php']
  for (const name of ['LocalSettings.php', 'index.php', 'api.php', ...commands]) {
    runs.push([name, ['-l', join(template, name)]])
  }
  for (const [name, args] of runs) {
    if (!(await isReadable(join(template, name)))) continue
    const run = await runPhp(php, args)
    if (!run.ok)
      problems.push({ problem: `PHP cannot read ${name}: ${run.reason}`, mend: `mend it, or ${buildAnew}` })
  }
  return problems
}

async function problemsOfSettings(
  template: string,
  core: string,
  php: Php,
): Promise<readonly TemplateProblem[]> {
  const mend = `take it from parse_ini_file( __DIR__ . '/pubwiki.ini' ), or ${buildAnew}`
  return (await probeSettings(template, core, php)).map((problem) => ({ problem, mend }))
}
