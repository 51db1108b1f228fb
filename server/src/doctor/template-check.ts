import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import { checkTemplate } from '@wikistead/mediawiki-template'
import { broken, doubtful, fine, type Check } from './check.ts'

/**
 * The template of new wikis, looked at as who this process is; where PHP is only in a container, its files alone.
 *
 * @param path where `php` is looked for
 */
export async function checkWikiTemplate(config: Config, path: string): Promise<Check[]> {
  const name = 'wiki template'
  const { wikifarmTemplate: template = '', wikifarmRunner: runner, wikifarmContainerDir } = config
  const inContainer = runner !== 'host'
  const isLink = async () =>
    (await lstat(join(template, 'mediawiki')).catch(() => undefined))?.isSymbolicLink()
  const php = { env: { PATH: path, LANG: 'C.UTF-8' } }
  const { mediawikiVersion, thin, problems } = await checkTemplate(template, php, config.wikifarmSearch)
  if (
    mediawikiVersion === undefined &&
    inContainer &&
    wikifarmContainerDir !== undefined &&
    (await isLink())
  ) {
    const mend = `Run in the container: php -l ${join(template, 'mediawiki/index.php')}`
    return [doubtful(name, `${template} shares a MediaWiki that only the container may see`, mend)]
  }
  const told = problems.filter(({ problem }) => !(inContainer && /^php does not run/.test(problem)))
  const checks = told.map(({ problem, mend, isDoubt }) =>
    (isDoubt === true ? doubtful : broken)(name, problem, sentence(mend)),
  )
  if (told.some(({ isDoubt }) => isDoubt !== true)) return checks
  const unrun = told.length < problems.length ? '; its settings were not run: PHP is not here' : ''
  return [
    ...checks,
    fine(name, `${template}, ${thin ? 'thin, ' : ''}MediaWiki ${mediawikiVersion ?? ''}${unrun}`),
  ]
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}
