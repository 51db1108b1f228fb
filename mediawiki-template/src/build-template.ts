/**
 * Makes the folder that every new wiki is a copy of: a whole MediaWiki, or, thin, a few links to one that many wikis
 * share, with our LocalSettings.php and a pubwiki.ini to fill in. It is made beside its place and renamed into it, so
 * that nobody copies half of one.
 */
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { removeTree, SetupError } from '@wikistead/processes'
import { copyMediaWiki } from './copy-mediawiki.ts'
import { keepExtensions, type OwnExtensions } from './keep-extensions.ts'
import { isAtLeast, mediaWikiVersion, oldestMediaWiki } from './mediawiki-tree.ts'
import { putOurPhp } from './our-php.ts'
import { putExtension } from './put-extension.ts'
import { ensureSharedCore } from './shared-core.ts'
import { templateIni, type FarmKeys } from './template-ini.ts'

export interface TemplateOptions extends FarmKeys {
  /** See `obtainMediaWikiTree`; read only. */
  readonly mediawikiTree: string
  /** The template's folder. An older template is replaced; anything else there is refused. */
  readonly target: string
  /** Wikis share one MediaWiki instead of having a copy each; default false. */
  readonly thin?: boolean
  /** Thin only: the MediaWiki to share, made when missing; default `<target>-core`. Wikis break when it goes. */
  readonly core?: string
  /** Thin only: `core` as PHP sees it, e.g. in its container; default `core`. */
  readonly coreForPhp?: string
  /** The folder of the built extension WikiFarm, for the hub. */
  readonly extension?: string | undefined
  /** Who must be able to write files and caches, when that is not who calls this. Takes root. */
  readonly phpUser?: { readonly uid: number; readonly gid: number }
}

export interface BuiltTemplate {
  /** Absolute. */
  readonly path: string
  readonly mediawikiVersion: string
  /** Of a thin one; absolute. */
  readonly core: string | undefined
  /** What the template that it replaces had, and its MediaWiki has not. */
  readonly extensions: OwnExtensions
}

/** What MediaWiki writes into. */
const ownFolders = ['images', 'cache']
const entryPoints = ['index', 'api', 'load', 'rest', 'img_auth', 'thumb', 'opensearch_desc']
const sharedFolders = ['maintenance', 'resources', 'skins', 'extensions']

/** @throws SetupError for what is no fit MediaWiki, and for a target that holds something else. */
export async function buildTemplate(options: TemplateOptions): Promise<BuiltTemplate> {
  const tree = resolve(options.mediawikiTree)
  const target = resolve(options.target)
  const version = await mediaWikiVersion(tree)
  if (version === undefined) throw new SetupError(`${tree} is no MediaWiki`)
  if (!isAtLeast(version, oldestMediaWiki)) {
    throw new SetupError(`${tree} is MediaWiki ${version}; a template takes ${oldestMediaWiki} or newer`)
  }
  await requireReplaceable(target)
  const core = options.thin === true ? resolve(options.core ?? `${target}-core`) : undefined

  const making = `${target}.making`
  await removeTree(making)
  await mkdir(making, { recursive: true, mode: 0o755 })
  await chmod(making, 0o755)
  try {
    if (core === undefined) {
      await copyMediaWiki(tree, version, making)
      if (options.extension !== undefined) await putExtension(options.extension, making)
    } else {
      await ensureSharedCore(tree, version, core, options.extension)
      await linkTo(options.coreForPhp ?? core, making)
    }
    const extensions = await keepExtensions(target, core ?? making, version)
    await keepFarmSettings(target, making)
    await addOurs(making, options)
    await replace(target, making)
    return { path: target, mediawikiVersion: version, core, extensions }
  } finally {
    await removeTree(making)
  }
}

async function linkTo(core: string, folder: string): Promise<void> {
  // The one link to change when a wiki moves to another version.
  await symlink(core, join(folder, 'mediawiki'))
  for (const name of sharedFolders) await symlink(`mediawiki/${name}`, join(folder, name))
  for (const name of entryPoints) await putOurPhp('entry-point.php', join(folder, `${name}.php`))
}

async function addOurs(folder: string, options: TemplateOptions): Promise<void> {
  for (const name of [
    'LocalSettings.php',
    'FirstSignIn.php',
    'SharedAccounts.php',
    'WikiCache.php',
  ] as const) {
    await putOurPhp(name, join(folder, name))
  }
  const ini = join(folder, 'pubwiki.ini')
  // It will hold a password.
  await writeFile(ini, templateIni(options), { mode: 0o640 })
  await chmod(ini, 0o640)
  for (const name of ownFolders) {
    await mkdir(join(folder, name), { mode: 0o755 })
    await chmod(join(folder, name), 0o755)
  }
  const { phpUser } = options
  if (phpUser === undefined) return
  for (const name of ownFolders) await chown(join(folder, name), phpUser.uid, phpUser.gid)
  await chown(ini, 0, phpUser.gid)
}

/** The operator's own settings are no part of MediaWiki, and outlive it. */
async function keepFarmSettings(from: string, to: string): Promise<void> {
  const [kept, copy] = [join(from, 'FarmSettings.php'), join(to, 'FarmSettings.php')]
  const before = await stat(kept).catch(ignoreMissing)
  if (before === undefined) return
  await copyFile(kept, copy)
  // It may hold a secret, for PHP's user alone.
  await chmod(copy, before.mode & 0o777)
  if (process.getuid?.() === 0) await chown(copy, before.uid, before.gid)
}

/** An older template, an empty folder or nothing: never a wiki, or a folder that was named by mistake. */
async function requireReplaceable(target: string): Promise<void> {
  const entries = await readdir(target).catch(ignoreMissing)
  if (entries === undefined || entries.length === 0) return
  const ini = await readFile(join(target, 'pubwiki.ini'), 'utf8').catch(() => '')
  if (/^WIKI_DB_NAME=""$/m.test(ini)) return
  throw new SetupError(`${target} holds something that is no template; name another folder, or empty it`)
}

async function replace(target: string, made: string): Promise<void> {
  const old = `${target}.old`
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await removeTree(old)
  if ((await lstat(target).catch(ignoreMissing)) !== undefined) await rename(target, old)
  await rename(made, target)
  await removeTree(old)
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  throw error
}
