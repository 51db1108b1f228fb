/** What PHP must have for MediaWiki, and what people miss when it has not. */
import { join } from 'node:path'
import { isAtLeast } from './mediawiki-tree.ts'
import { buildAnew, isReadable, type TemplateProblem } from './template-files.ts'

/** PHP's extension → the Debian package that holds it. MediaWiki's own, and those of Parsoid and the visual editor. */
const needed: Readonly<Record<string, string>> = {
  ...{ mysqli: 'php-mysql', intl: 'php-intl', mbstring: 'php-mbstring', xml: 'php-xml', dom: 'php-xml' },
  ...{ xmlreader: 'php-xml', SimpleXML: 'php-xml', libxml: 'php-cli', fileinfo: 'php-cli', iconv: 'php-cli' },
  ...{ ctype: 'php-cli', json: 'php-cli', openssl: 'php-cli' },
}

export interface PhpFound {
  /** E.g. `8.2.7`. */
  readonly version: string
  readonly extensions: readonly string[]
  /** Programs that are there, by their paths. */
  readonly programs: readonly string[]
}

const convert = '/usr/bin/convert'

/** PHP code that writes a `PhpFound` as one line of JSON. */
export const phpLooksAtItself = `echo json_encode( [ 'version' => PHP_VERSION, 'extensions' => get_loaded_extensions(), 'programs' => array_values( array_filter( [ '${convert}' ], 'is_executable' ) ) ] );`

/** @throws SyntaxError for what is none */
export function readPhpFound(line: string): PhpFound {
  return JSON.parse(line) as PhpFound
}

/** @param search what wikis are to search with */
export function problemsOfPhpFound(
  { version, extensions, programs }: PhpFound,
  search: 'core' | 'cirrus' = 'core',
): readonly TemplateProblem[] {
  if (!isAtLeast(version, '8.1')) {
    return [{ problem: `PHP is ${version}`, mend: 'install PHP 8.1 or newer for the command line' }]
  }
  const problems: TemplateProblem[] = []
  const all: typeof needed = { ...needed, ...(search === 'cirrus' && { curl: 'php-curl' }) }
  const missing = Object.keys(all).filter((extension) => !extensions.includes(extension))
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((extension) => all[extension] ?? ''))].join(' ')
    problems.push({
      problem: `PHP lacks ${missing.join(', ')}`,
      mend: `install them; on Debian: apt-get install ${packages}`,
    })
  }
  if (!extensions.includes('gd') && !programs.includes(convert)) {
    problems.push({
      isDoubt: true,
      problem: `pictures have no thumbnails: PHP lacks gd, and ImageMagick is not at ${convert}`,
      mend: 'install one of them; on Debian: apt-get install php-gd',
    })
  }
  return problems
}

/** What wikis with WIKI_EXTRAS load, as far as it must be there. `core` is where their MediaWiki is. */
export async function problemsOfExtras(core: string): Promise<readonly TemplateProblem[]> {
  if (!(await isReadable(join(core, 'extras/settings.php')))) {
    return [{ problem: `${core} has no extras, which pubwiki.ini asks for`, mend: buildAnew }]
  }
  const editor = join(core, 'extensions/VisualEditor')
  const hasEditor = await isReadable(join(editor, 'extension.json'))
  if (!hasEditor || (await isReadable(join(editor, 'lib/ve/i18n/en.json')))) return []
  return [
    {
      isDoubt: true,
      problem: `${editor} lacks its library, so nobody can edit visually`,
      mend: 'in a checkout of it: git submodule update --init',
    },
  ]
}
