/**
 * What a fresh wiki's tables and rows come from, in one word: the same word, the same database. It is of the few files
 * that decide it: settings, MediaWiki's version and tables, and which extensions of what version there are. Who changes
 * anything else in place builds the template anew, which is a new word, too.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { errorCode } from '../folder/error-code.ts'

/** 24 hexadecimal digits. @throws Refusal `template_missing` */
export async function templatePrint(template: string): Promise<string> {
  const ini = await stat(join(template, 'pubwiki.ini')).catch(ignoreMissing)
  if (ini === undefined) {
    throw new Refusal('template_missing', 'The template of new wikis is not there (WIKIFARM_TEMPLATE).')
  }
  // A thin one's link to the MediaWiki that its wikis share. Only PHP may be able to follow it.
  const link = await readlink(join(template, 'mediawiki')).catch(() => '')
  const core = link === '' ? template : join(template, 'mediawiki')
  const files = [
    ...['pubwiki.ini', 'LocalSettings.php', 'FarmSettings.php'].map((name) => join(template, name)),
    ...[...coreFiles, ...(await descriptions(core))].map((name) => join(core, name)),
  ]
  const contents = await Promise.all(files.map((file) => readFile(file).catch(ignoreMissing)))
  const hash = createHash('sha256').update(`${String(ini.mtimeMs)}\0${link}`)
  for (const [index, content] of contents.entries()) {
    const name = files[index]?.slice(template.length) ?? ''
    hash.update(`\0${name}\0${String(content?.length)}\0`).update(content ?? '')
  }
  return hash.digest('hex').slice(0, 24)
}

const coreFiles = [
  ...['FarmSettings.php', 'includes/Defines.php', 'maintenance/installPreConfigured.php'],
  // Before and since 1.45.
  ...['maintenance/tables-generated.sql', 'sql/mysql/tables-generated.sql'],
]

async function descriptions(core: string): Promise<string[]> {
  const lists = (['extension', 'skin'] as const).map(async (kind) => {
    const names = (await readdir(join(core, `${kind}s`)).catch(ignoreMissing)) ?? []
    return names.sort().map((name) => `${kind}s/${name}/${kind}.json`)
  })
  return (await Promise.all(lists)).flat()
}

function ignoreMissing(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined
  throw error
}
