/** `wikistead template`: the folder that new wikis are copies of, built and checked as the configuration has it. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { extensionBundle } from '@wikistead/extension'
import {
  buildTemplate,
  checkTemplate,
  obtainMediaWikiTree,
  type BuiltTemplate,
  type FarmKeys,
  type TemplateCheck,
} from '@wikistead/mediawiki-template'
import { SetupError } from '@wikistead/processes'
import { cacheFolder } from '../parts/cache-folder.ts'
import { resolvePhpUser } from '../parts/php-user.ts'

export interface TemplateRequest {
  readonly target: string
  /** Wikis share one MediaWiki. */
  readonly thin?: boolean
  /** Thin only: the folder of that MediaWiki; default `<target>-core`. */
  readonly core?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Lines for a person who waits, or should know something. */
  readonly onNote: (line: string) => void
}

/** @throws SetupError, whose message says what mends it */
export async function buildConfiguredTemplate(
  config: Config,
  { target, thin = false, core, env, onNote }: TemplateRequest,
): Promise<BuiltTemplate> {
  const asRoot = process.getuid?.() === 0
  const phpUser = asRoot ? await resolvePhpUser(config.wikifarmPhpUser) : undefined
  if (!asRoot)
    onNote(`not root: the files belong to you, and ${config.wikifarmPhpUser} must be able to use them`)
  const tree = await obtainMediaWikiTree({
    named: env['WIKISTEAD_MEDIAWIKI'],
    cacheFolder: cacheFolder(env, config.dataFolder),
    onProgress: onNote,
  })
  onNote(tree.explanation)
  const extension = await extensionBundle(cacheFolder(env, config.dataFolder), () => {
    onNote('building the extension WikiFarm')
  })
  const shared = thin ? sharedCore(config, resolve(core ?? `${target}-core`), onNote) : {}
  onNote(thin ? 'linking the template to its core' : 'copying the template')
  const options = { ...farmKeys(config), ...shared, mediawikiTree: tree.path, target, thin, extension }
  try {
    return await buildTemplate({ ...options, ...(phpUser !== undefined && { phpUser }) })
  } catch (error) {
    throw unwritable(error) ?? error
  }
}

/**
 * As PHP's user: what that one cannot read is a problem. This process becomes that user for good when it is root.
 *
 * @param path where `php` is looked for
 */
export async function checkTemplateAsPhpUser(
  config: Config,
  folder: string,
  path: string,
): Promise<TemplateCheck> {
  if (process.getuid?.() === 0) {
    const { uid, gid } = await resolvePhpUser(config.wikifarmPhpUser)
    process.setgroups?.([gid])
    process.setgid?.(gid)
    process.setuid?.(uid)
  }
  const template = resolve(folder)
  for (const needed of [template, join(template, 'includes'), join(template, 'mediawiki/includes')]) {
    const code = await access(needed, constants.R_OK | constants.X_OK).then(
      () => undefined,
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    )
    if (code !== 'EACCES') continue
    // Nothing below it is opened, where a pubwiki.ini or an operator’s settings may be.
    const mend = `build the template anew, which sets the modes, and let it walk through the folders above (chmod o+x each of them)`
    const problem = `${config.wikifarmPhpUser} cannot read ${needed}`
    return {
      mediawikiVersion: undefined,
      thin: needed.includes('/mediawiki/'),
      problems: [{ problem, mend }],
    }
  }
  return checkTemplate(template, { env: { PATH: path, LANG: 'C.UTF-8' } }, config.wikifarmSearch)
}

function farmKeys({ mediawikiWikiUrl = 'https://{domain}', wikifarmSearch }: Config): FarmKeys {
  const [, scheme, port] = /^(https?):\/\/\{domain\}(?::(\d+))?/.exec(mediawikiWikiUrl) ?? []
  return {
    scheme: scheme === 'http' ? 'http' : 'https',
    search: wikifarmSearch,
    extras: true,
    ...(port !== undefined && { port: Number(port) }),
  }
}

/** The core, also as PHP sees it: in the container it is mapped with the wikis, or it must be at the same place. */
function sharedCore(
  { wikifarmDir, wikifarmContainerDir, wikifarmRunner }: Config,
  core: string,
  onNote: (line: string) => void,
): { readonly core: string; readonly coreForPhp?: string } {
  if (wikifarmDir === undefined || wikifarmRunner === 'host') return { core }
  const below = relative(wikifarmDir, core)
  if (below !== '' && !below.startsWith('..')) {
    return { core, coreForPhp: join(wikifarmContainerDir ?? wikifarmDir, below) }
  }
  onNote(`the container must see ${core} at the same place; a --core below wikifarm-dir is mapped with it`)
  return { core }
}

/** What a file system refuses is mended by whoever called this. */
function unwritable(error: unknown): SetupError | undefined {
  const { code, path, stderr } = error as { code?: unknown; path?: string; stderr?: string }
  const said = /^cp: .*/m.exec(stderr ?? '')?.[0]
  const refused = typeof code === 'string' && /^(?:EACCES|EPERM|EROFS|ENOSPC|EDQUOT|ENOTDIR)$/.test(code)
  if (said === undefined && !refused) return undefined
  const what = said ?? `${path ?? 'the folder'} cannot be written (${String(code)})`
  return new SetupError(`${what}; run this as root, or name another folder with --target`, { cause: error })
}
