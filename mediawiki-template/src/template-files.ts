/** Which files of a template are missing, or open or closed to the wrong people. */
import { access, constants, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface TemplateProblem {
  /** One sentence. */
  readonly problem: string
  /** What to do about it; one sentence. */
  readonly mend: string
  /** Wikis can be made all the same, and lack something. */
  readonly isDoubt?: boolean
}

export const buildAnew = 'build the template anew (`wikistead template build`)'

const needed = [
  ...[
    'LocalSettings.php',
    'FirstSignIn.php',
    'SharedAccounts.php',
    'WikiCache.php',
    'pubwiki.ini',
    'index.php',
    'api.php',
    'rest.php',
    'load.php',
    'img_auth.php',
  ],
  ...['maintenance/run', 'maintenance/run.php', 'resources', 'skins/Vector', 'extensions', 'images', 'cache'],
]

/** What Wikistead brings for every MediaWiki, and what comes of its absence. */
const ourCommands = [
  ['makeFounder', 'no wiki gets a sysop'],
  ['changeOwner', 'no wiki can be given to somebody else'],
] as const

/** `core` is where its MediaWiki is: the template itself, or its link to a shared one. */
export async function problemsOfFiles(template: string, core: string): Promise<readonly TemplateProblem[]> {
  const problems: TemplateProblem[] = []
  for (const path of [...needed.map((name) => join(template, name)), join(core, 'vendor/autoload.php')]) {
    if (!(await may(path, constants.F_OK))) problems.push({ problem: `${path} is missing`, mend: buildAnew })
    else if (!(await isReadable(path))) {
      problems.push({ problem: `${path} cannot be read`, mend: `let PHP’s user read ${path}` })
    }
  }
  if (!(await may(join(template, 'maintenance/installPreConfigured.php'), constants.F_OK))) {
    problems.push({
      problem: 'maintenance/installPreConfigured.php is missing, so no wiki can be installed',
      mend: `take MediaWiki 1.44 or newer, which brings it, or ${buildAnew}`,
    })
  }
  for (const [name, without] of ourCommands) {
    if (await may(join(template, `maintenance/${name}.php`), constants.F_OK)) continue
    problems.push({ problem: `maintenance/${name}.php is missing, so ${without}`, mend: buildAnew })
  }
  return [...problems, ...(await problemsOfIni(join(template, 'pubwiki.ini')))]
}

export function isReadable(path: string): Promise<boolean> {
  return may(path, constants.R_OK)
}

async function problemsOfIni(ini: string): Promise<readonly TemplateProblem[]> {
  const problems: TemplateProblem[] = []
  const text = await readFile(ini, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  if (/^WIKI_DB_PASSWORD\s*=\s*["']?[^"'\s]/m.test(text)) {
    problems.push({
      problem: 'pubwiki.ini holds a database password, which every wiki would begin with',
      mend: 'empty WIKI_DB_PASSWORD; or is this a wiki, and the template is elsewhere?',
    })
  }
  if (((await stat(ini)).mode & 0o007) !== 0) {
    problems.push({ problem: 'pubwiki.ini is open to every user of the host', mend: `chmod 0640 ${ini}` })
  }
  return problems
}

function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
