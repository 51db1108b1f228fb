/** What MediaWiki wikis are made of and in: templates and a MariaDB of its own, all on the file system that is measured. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildTemplate, obtainMediaWikiTree } from '@wikistead/mediawiki-template'
import { createLogger, PartWatch, startEmbeddedMariadb } from '@wikistead/server'
import { runWikistead, type RunningWikistead } from './running-wikistead.ts'
import { xfsFolder } from './xfs-image.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('plain-script.sh', import.meta.url))
const rootHost = 'wikis.example'
const phpUser = `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`

export type Template = 'thin' | 'full'

/** Milliseconds of each step, by the name of Wikistead's phase. */
export type StepTimes = ReadonlyMap<string, number>

export interface MediaWikiFarm extends AsyncDisposable {
  readonly folder: string
  readonly withoutXfs: string | undefined
  template(kind: Template): string
  /** A wiki by the plain script, until it can be used or with its search index. */
  byScript(template: Template, slug: string, until?: 'usable' | 'index'): Promise<StepTimes>
  /** On a data folder of its own, or on that of one which was killed. */
  wikistead(template: Template, install: 'run' | 'clone', kept?: string): Promise<RunningWikistead>
}

export async function startMediaWikiFarm(
  env: Readonly<Record<string, string | undefined>>,
): Promise<MediaWikiFarm> {
  await using stack = new AsyncDisposableStack()
  const { folder, withoutXfs } = stack.use(await xfsFolder())
  const tree = await obtainMediaWikiTree({
    named: env['WIKISTEAD_MEDIAWIKI'],
    cacheFolder: join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
    onProgress: (line) => {
      console.error(line)
    },
  })
  const template = (kind: Template) => join(folder, `template-${kind}`)
  for (const kind of ['thin', 'full'] as const) {
    await buildTemplate({
      ...{ mediawikiTree: tree.path, target: template(kind), scheme: 'http', thin: kind === 'thin' },
      core: join(folder, 'core'),
    })
  }
  const mariadb = stack.use(
    await startEmbeddedMariadb(join(folder, 'mariadb'), new PartWatch(createLogger('silent'))),
  )
  const [wikis, oauth] = [join(folder, 'wikis'), join(folder, 'oauth')]
  for (const each of [wikis, oauth]) await mkdir(each)
  let started = 0
  const running = stack.move()
  return {
    ...{ folder, withoutXfs, template },
    async byScript(kind, slug, until = 'usable') {
      const { stdout } = await run(script, [slug, until], {
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          ...{ TEMPLATE: template(kind), WIKIS: wikis, OAUTH: oauth, ROOT_HOST: rootHost, PHP_USER: phpUser },
          ...{ DB_HOST: '127.0.0.1', DB_PORT: String(mariadb.port), DB_ADMIN: mariadb.adminUser },
          MYSQL_PWD: mariadb.adminPassword,
        },
      })
      return stepTimes(stdout)
    },
    async wikistead(kind, install, kept) {
      started += 1
      const dataFolder = kept ?? join(folder, `wikistead-${String(started)}`)
      const settings = {
        'fedwiki-embedded-farm': 'false',
        'wikifarm-dir': wikis,
        'wikifarm-oauth-dir': oauth,
        'wikifarm-template': template(kind),
        'wikifarm-install': install,
        'wikifarm-runner': 'host',
        'wikifarm-php-user': phpUser,
        'wiki-root-host': rootHost,
        'wiki-db-host': `127.0.0.1:${String(mariadb.port)}`,
        'wiki-db-admin-user': mariadb.adminUser,
        'wiki-db-admin-password': mariadb.adminPassword,
        'mediawiki-wiki-limit': '100000',
      }
      await mkdir(dataFolder, { mode: 0o700, recursive: true })
      return runWikistead(settings, dataFolder)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function stepTimes(marks: string): StepTimes {
  const times = new Map<string, number>()
  let before = 0
  for (const line of marks.trim().split('\n')) {
    const [name = '', at = ''] = line.split(' ')
    const now = Number(at) * 1_000
    if (name !== 'begin') times.set(name, now - before)
    before = now
  }
  return times
}
